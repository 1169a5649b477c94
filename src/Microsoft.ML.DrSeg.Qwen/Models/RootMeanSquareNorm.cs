using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// x / sqrt(mean of x² + epsilon) in Float32, back to the type of x, then times the weight: in this order, as
/// <c>Qwen2RMSNorm</c> of the transformers library rounds it.
/// </summary>
internal static class RootMeanSquareNorm
{
    /// <param name="values">[..., C] of any type.</param>
    /// <param name="weight">[C], of the type of the values.</param>
    /// <param name="epsilon">Keeps the root above 0.</param>
    public static Tensor Apply(Tensor values, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        Tensor exact = values.to(ScalarType.Float32);
        Tensor scale = exact.mul(exact).mean([-1], keepdim: true).Plus(epsilon).rsqrt();
        return exact.mul(scale).to(values.dtype).mul(weight).MoveToOuterDisposeScope();
    }
}
