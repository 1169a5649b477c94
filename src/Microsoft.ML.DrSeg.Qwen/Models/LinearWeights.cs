using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A frozen linear layer, with room for what an adapter adds to it.</summary>
/// <param name="Weight">[out, in].</param>
/// <param name="Bias">[out], or null.</param>
internal sealed record LinearWeights(Tensor Weight, Tensor? Bias)
{
    /// <summary>
    /// W x + b, and with factors s B(A x): computed and added in their Float32, then rounded to the layer's type once, as peft's
    /// <c>LoraLayer</c> does.
    /// </summary>
    /// <param name="input">[N, in], of the weights' type.</param>
    /// <param name="factors">What an adapter adds; null for nothing.</param>
    public Tensor Apply(Tensor input, LoraFactors? factors)
    {
        using var scope = NewDisposeScope();
        Tensor output = nn.functional.linear(input, Weight, Bias);
        return (factors is null ? output : output.Plus(factors.Apply(input)).to(output.dtype)).MoveToOuterDisposeScope();
    }
}
