using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// PyTorch's initial values of linear and convolution layers: weight, then bias, uniform in +-1/sqrt(fan-in). They are
/// drawn as float32 on the CPU, so that a seed gives the same layer on every device.
/// </summary>
internal static class FanInUniform
{
    public static Parameter Weight(params long[] shape)
    {
        var weight = new Parameter(empty(shape));
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        return weight;
    }

    public static Parameter Bias(long length, Parameter weight)
    {
        var bound = 1 / Math.Sqrt(nn.init.CalculateFanInAndFanOut(weight).fanIn);
        var bias = new Parameter(empty(length));
        nn.init.uniform_(bias, -bound, bound);
        return bias;
    }
}
