using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One entry of an index expression as the native half reads it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeIndex
{
    public enum Kinds : long { None = 0, Ellipsis = 1, Boolean = 2, Integer = 3, Slice = 4, Tensors = 5 }

    /// <summary>Stands for a slice's start, stop or step that is not given.</summary>
    public const long NotGiven = long.MinValue;

    public Kinds Kind;
    public long Start;
    public long Stop;
    public long Step;
    public nint Tensor;

    public static NativeIndex[] From(torch.TensorIndex[] indices) => Array.ConvertAll(indices, index => index.ToNative());
}
