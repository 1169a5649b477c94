using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The normalisation of the vision towers: by the root of the mean square in Qwen2.5-VL, by mean and variance in the two others.
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

    public Tensor Of(Tensor x) => _bias is null
        ? RootMeanSquareNorm.Apply(x, _weight, Epsilon)
        : functional.layer_norm(x, _weight.shape, _weight, _bias, Epsilon);
}
