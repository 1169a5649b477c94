using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the convolutions share: their geometry, and the padding that is not with zeros, done before the convolution.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    private protected readonly long[] _stride, _padding, _dilation;
    private protected readonly long _groups;
    private readonly PaddingModes _paddingMode;

    private protected Convolution(string name, long[] stride, long[] padding, long[] dilation, long groups, PaddingModes paddingMode) : base(name) =>
        (_stride, _padding, _dilation, _groups, _paddingMode) = (stride, padding, dilation, groups, paddingMode);

    private protected void Initialize(long[] weightShape, long outChannels, bool hasBias)
    {
        var weight = FanInUniform.Weight(weightShape);
        this["weight"] = weight;
        if (hasBias) this["bias"] = FanInUniform.Bias(outChannels, weight);
    }

    /// <summary>The input and the zero padding that is left to the convolution itself.</summary>
    private protected (Tensor input, long[] padding) Pad(Tensor input)
    {
        if (_paddingMode == PaddingModes.Zeros) return (input, _padding);
        // functional.pad counts from the last dimension: (left, right, top, bottom).
        var sides = _padding.Reverse().SelectMany(amount => new[] { amount, amount }).ToArray();
        return (nn.functional.pad(input, sides, _paddingMode), new long[_padding.Length]);
    }
}
