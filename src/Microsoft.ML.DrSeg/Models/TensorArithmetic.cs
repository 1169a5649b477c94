using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Arithmetic of tensors and numbers whose numbers outlive the operation. The operators of TorchSharp make a native object of
/// each number, and of the factor 1 in the sum of two tensors, and let the garbage collector free it before libtorch has read
/// it: with other threads at work, <c>a + b</c> fails now and then ("Expected false to be true", "Unknown scalar type").
/// Products, differences and quotients of two tensors have no such number.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();
    private static readonly Scalar NegativeInfinity = float.NegativeInfinity.ToScalar();

    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    public static Tensor Plus(this Tensor left, double right)
    {
        using var number = right.ToScalar();
        return left.add(number, One);
    }

    public static Tensor Times(this Tensor left, double right)
    {
        using var number = right.ToScalar();
        return left.mul(number);
    }

    public static Tensor Between(this Tensor values, double lowest, double highest)
    {
        using Scalar low = lowest.ToScalar(), high = highest.ToScalar();
        return values.clamp(low, high);
    }

    public static Tensor AtLeast(this Tensor values, double lowest)
    {
        using var low = lowest.ToScalar();
        return values.clamp_min(low);
    }

    public static Tensor AtMost(this Tensor values, double highest)
    {
        using var high = highest.ToScalar();
        return values.clamp_max(high);
    }

    /// <summary>The numbers of a tensor of Float32, wherever and however it lies.</summary>
    public static float[] Floats(this Tensor tensor) => tensor.detach().cpu().contiguous().data<float>().ToArray();

    /// <summary>Scores of attention, minus infinity where <paramref name="hidden"/> is true.</summary>
    public static Tensor Without(this Tensor scores, Tensor hidden) => scores.masked_fill(hidden, NegativeInfinity);

    public static Tensor Filled(long[] shape, long value, Device device)
    {
        using var number = value.ToScalar();
        return full(shape, number, int64, device);
    }
}
