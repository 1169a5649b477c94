using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Conv1d : Convolution
{
    internal Conv1d(long inChannels, long outChannels, long kernelSize, long stride, long padding, long dilation, PaddingModes paddingMode, long groups, bool hasBias)
        : base(nameof(Conv1d), [stride], [padding], [dilation], groups, paddingMode) =>
        Initialize([outChannels, inChannels / groups, kernelSize], outChannels, hasBias);

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor input)
    {
        var (padded, padding) = Pad(input);
        return nn.functional.conv1d(padded, weight, bias, _stride[0], padding[0], _dilation[0], _groups);
    }
}
