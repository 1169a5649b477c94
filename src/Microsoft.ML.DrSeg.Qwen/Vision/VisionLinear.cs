using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A linear layer with a bias.</summary>
internal sealed class VisionLinear(ModelWeights weights, string name, long inputs, long outputs)
{
    private readonly Tensor _weight = weights.Take($"{name}.weight", outputs, inputs), _bias = weights.Take($"{name}.bias", outputs);

    public Tensor Of(Tensor x) => functional.linear(x, _weight, _bias);
}
