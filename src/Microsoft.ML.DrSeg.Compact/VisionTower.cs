using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Turns a square picture into patch features: convolutions halve the resolution three times,
/// with a residual block at a quarter, where detail is still cheap. [B, C, S, S] to [B, (S/8)^2, width], width a multiple of 32.
/// </summary>
/// <remarks>
/// The number of output channels of every convolution here and in the other networks is a multiple of 16: with any other,
/// libtorch 2.10 computes wrong gradients of the convolution's input on processors with AVX-512 (docs/decisions.md).
/// </remarks>
internal sealed class VisionTower : nn.Module<Tensor, Tensor>
{
    public const int Stride = 8;

    // See the remarks.
    private const int ChannelMultiple = 16;

    [ComponentName(Name = "stem")] private readonly Conv2d _stem;
    [ComponentName(Name = "toQuarter")] private readonly Conv2d _toQuarter;
    [ComponentName(Name = "quarter")] private readonly ResidualBlock _quarter;
    [ComponentName(Name = "toEighth")] private readonly Conv2d _toEighth;

    public VisionTower(int channels, int width, Device device) : base(nameof(VisionTower))
    {
        int narrow = Narrow(width), middle = width / 2;
        _stem = Conv2d(channels, narrow, 3, 2, 1, device: device);
        _toQuarter = Conv2d(narrow, middle, 3, 2, 1, device: device);
        _quarter = new ResidualBlock(middle, device);
        _toEighth = Conv2d(middle, width, 3, 2, 1, device: device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor picture)
    {
        // 0..1 to about -2..2, so that the first convolution sees centred input.
        Tensor x = _stem.call(ChannelsLast.Of(picture.Plus(-0.5).Times(4)));              // [B, narrow, S/2, S/2]
        x = _quarter.call(_toQuarter.call(functional.silu(x)));     // [B, width/2, S/4, S/4]
        x = _toEighth.call(functional.silu(x));                    // [B, width, S/8, S/8]
        return x.flatten(2).transpose(1, 2).contiguous();         // [B, P, width]
    }

    /// <summary>
    /// Brings weights of format version 1, whose first convolution had a quarter of the width, to this tower's channels.
    /// Filters of zeros before weights of zeros change no answer, get no gradient and so stay what they are in training.
    /// </summary>
    /// <param name="weights">The file's tensors.</param>
    /// <param name="tower">The tower's name in them.</param>
    /// <param name="expected">The shapes of today's tensors. What cannot be brought to them is left as it is.</param>
    public static void Widen(Dictionary<string, (long[] Shape, float[] Values)> weights, string tower, IReadOnlyDictionary<string, long[]> expected)
    {
        foreach ((string name, int dimension) in new[] { ($"{tower}.{"stem"}.bias", 0), ($"{tower}.{"stem"}.weight", 0), ($"{tower}.{"toQuarter"}.weight", 1) })
            if (weights.TryGetValue(name, out (long[] Shape, float[] Values) found) && IsNarrower(found.Shape, expected[name], dimension))
                weights[name] = (expected[name], WithZeros(found.Values, expected[name], dimension));
    }

    // Version 1 lacks fewer than 16 channels, and nothing else. A tensor that differs more is left to be refused: filling it up
    // could take any amount of memory.
    private static bool IsNarrower(long[] found, long[] expected, int dimension) =>
        found.Length == expected.Length && found[dimension] < expected[dimension] && expected[dimension] - found[dimension] < ChannelMultiple
        && found.Where((_, at) => at != dimension).SequenceEqual(expected.Where((_, at) => at != dimension));

    private static int Narrow(int width) => (width / 4 + ChannelMultiple - 1) / ChannelMultiple * ChannelMultiple;

    private static float[] WithZeros(float[] values, long[] wide, int dimension)
    {
        int parts = (int)Product(wide[..dimension]), before = values.Length / parts, after = (int)Product(wide[dimension..]);
        var padded = new float[parts * after];
        for (int part = 0; part < parts; part++)
            values.AsSpan(part * before, before).CopyTo(padded.AsSpan(part * after));
        return padded;
    }

    private static long Product(long[] sides) => sides.Aggregate(1L, (product, side) => product * side);

    private sealed class ResidualBlock : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "norm")] private readonly GroupNorm _norm;
        [ComponentName(Name = "first")] private readonly Conv2d _first;
        [ComponentName(Name = "second")] private readonly Conv2d _second;

        public ResidualBlock(int channels, Device device) : base(nameof(ResidualBlock))
        {
            _norm = GroupNormalization.Create(channels, device);
            _first = Conv2d(channels, channels, 3, 1, 1, device: device);
            _second = Conv2d(channels, channels, 3, 1, 1, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) =>
            x.Plus(_second.call(functional.silu(_first.call(functional.silu(_norm.call(x))))));
    }
}
