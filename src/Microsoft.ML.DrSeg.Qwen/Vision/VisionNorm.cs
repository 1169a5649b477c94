using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The normalisation of the vision towers: by the root of the mean square in Qwen2.5-VL (<c>Qwen2RMSNorm</c> upstream: in float32,
/// back in the input's type before the weight), by mean and variance in the two others.
/// </summary>
internal sealed class VisionNorm
{
    // All three towers have it in their code, not in config.json.
    private const double Epsilon = 1e-6;

    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    public VisionNorm(ModelWeights weights, string name, QwenFamily family, long width)
    {
        _weight = weights.Take($"{name}.weight", width);
        _bias = family == QwenFamily.Qwen25 ? null : weights.Take($"{name}.bias", width);
    }

    public Tensor Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        if (_bias is not null)
            return functional.layer_norm(x, _weight.shape, _weight, _bias, Epsilon).MoveToOuterDisposeScope();
        Tensor precise = x.to(float32);
        Tensor scale = precise.square().mean([-1], keepdim: true).Plus(Epsilon).rsqrt();
        return ((precise * scale).to(x.dtype) * _weight).MoveToOuterDisposeScope();
    }
}
