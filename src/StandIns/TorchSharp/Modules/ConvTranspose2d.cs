using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class ConvTranspose2d : Convolution
{
    private readonly long[] _outputPadding;

    internal ConvTranspose2d(long inChannels, long outChannels, (long, long) kernelSize, (long, long) stride, (long, long) padding, (long, long) outputPadding, (long, long) dilation, PaddingModes paddingMode, long groups, bool hasBias)
        : base(nameof(ConvTranspose2d), [stride.Item1, stride.Item2], [padding.Item1, padding.Item2], [dilation.Item1, dilation.Item2], groups, paddingMode)
    {
        if (paddingMode != PaddingModes.Zeros)
            throw new ArgumentException($"A transposed convolution pads with zeros only, got {paddingMode}.", nameof(paddingMode));
        _outputPadding = [outputPadding.Item1, outputPadding.Item2];
        Initialize([inChannels, outChannels / groups, kernelSize.Item1, kernelSize.Item2], outChannels, hasBias);
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor input) =>
        nn.functional.conv_transpose2d(input, weight, bias, _stride, _padding, _outputPadding, _dilation, _groups);
}
