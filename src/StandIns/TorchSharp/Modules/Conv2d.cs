using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Conv2d : Convolution
{
    internal Conv2d(long inChannels, long outChannels, (long, long) kernelSize, (long, long) stride, (long, long) padding, (long, long) dilation, PaddingModes paddingMode, long groups, bool hasBias)
        : base(nameof(Conv2d), [stride.Item1, stride.Item2], [padding.Item1, padding.Item2], [dilation.Item1, dilation.Item2], groups, paddingMode) =>
        Initialize([outChannels, inChannels / groups, kernelSize.Item1, kernelSize.Item2], outChannels, hasBias);

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor input)
    {
        var (padded, padding) = Pad(input);
        return nn.functional.conv2d(padded, weight, bias, _stride, padding, _dilation, _groups);
    }
}
