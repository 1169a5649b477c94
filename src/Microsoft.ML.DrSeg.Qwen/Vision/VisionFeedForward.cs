using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using GeluApproximation = TorchSharp.Modules.GELU.Approximate;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The feed-forward part of a block: gated by SiLU in Qwen2.5-VL, two layers with a GELU in the two others. Qwen2-VL's is the
/// quick one, x * sigmoid(1.702 x), Qwen3-VL's that by tanh.
/// </summary>
internal sealed class VisionFeedForward
{
    private const double QuickGeluFactor = 1.702;

    private readonly QwenFamily _family;
    private readonly VisionLinear? _gate;
    private readonly VisionLinear _up, _down;

    public VisionFeedForward(ModelWeights weights, string name, QwenFamily family, int width, int intermediate)
    {
        _family = family;
        _gate = family == QwenFamily.Qwen25 ? new VisionLinear(weights, $"{name}.gate_proj", width, intermediate) : null;
        (string up, string down) = family switch
        {
            QwenFamily.Qwen2 => ("fc1", "fc2"),
            QwenFamily.Qwen25 => ("up_proj", "down_proj"),
            _ => ("linear_fc1", "linear_fc2"),
        };
        _up = new VisionLinear(weights, $"{name}.{up}", width, intermediate);
        _down = new VisionLinear(weights, $"{name}.{down}", intermediate, width);
    }

    public Tensor Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor up = _up.Of(x);
        Tensor inner = _family switch
        {
            QwenFamily.Qwen2 => up * up.Times(QuickGeluFactor).sigmoid(),
            QwenFamily.Qwen25 => functional.silu(_gate!.Of(x)) * up,
            _ => functional.gelu(up, GeluApproximation.tanh),
        };
        return _down.Of(inner).MoveToOuterDisposeScope();
    }
}
