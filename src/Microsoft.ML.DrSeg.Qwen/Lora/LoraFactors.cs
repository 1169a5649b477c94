using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What an adapter adds to one linear layer: s B (A x), of a rank far below the layer's (Hu et al. 2021, "LoRA"; huggingface/peft,
/// <c>src/peft/tuners/lora/layer.py</c>). Always Float32, whatever the layer is: small steps would be lost in BFloat16.
/// </summary>
/// <param name="down">A, [rank, in].</param>
/// <param name="up">B, [out, rank].</param>
/// <param name="scale">s.</param>
internal sealed class LoraFactors(Tensor down, Tensor up, double scale) : IDisposable
{
    /// <summary>A, [rank, in].</summary>
    public Parameter Down { get; } = Own(down);

    /// <summary>B, [out, rank].</summary>
    public Parameter Up { get; } = Own(up);

    /// <summary>s B (A x) of [N, in]: [N, out] of Float32.</summary>
    public Tensor Apply(Tensor input)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(nn.functional.linear(input.to(ScalarType.Float32), Down), Up).Times(scale).MoveToOuterDisposeScope();
    }

    /// <summary>What merging adds to the layer's weight: s B A, [out, in] of Float32.</summary>
    public Tensor Product()
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        return Up.mm(Down).Times(scale).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Down.Dispose();
        Up.Dispose();
    }

    private static Parameter Own(Tensor values)
    {
        var parameter = new Parameter(values.detach().clone(), requires_grad: true);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
