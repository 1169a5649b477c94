using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Policies;

/// <summary>
/// Turns a square picture into patch features: convolutions halve the resolution three times,
/// with a residual block at a quarter, where detail is still cheap. [B, C, S, S] to [B, (S/8)^2, width].
/// </summary>
internal sealed class VisionTower : nn.Module<Tensor, Tensor>
{
    public const int Stride = 8;

    private readonly Conv2d stem;
    private readonly Conv2d toQuarter;
    private readonly ResidualBlock quarter;
    private readonly Conv2d toEighth;

    public VisionTower(int channels, int width) : base(nameof(VisionTower))
    {
        int narrow = width / 4, middle = width / 2;
        stem = Conv2d(channels, narrow, 3, 2, 1);
        toQuarter = Conv2d(narrow, middle, 3, 2, 1);
        quarter = new ResidualBlock(middle);
        toEighth = Conv2d(middle, width, 3, 2, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor picture)
    {
        // 0..1 to about -2..2, so that the first convolution sees centred input.
        Tensor x = stem.call((picture - 0.5f) * 4f);              // [B, width/4, S/2, S/2]
        x = quarter.call(toQuarter.call(functional.silu(x)));     // [B, width/2, S/4, S/4]
        x = toEighth.call(functional.silu(x));                    // [B, width, S/8, S/8]
        return x.flatten(2).transpose(1, 2).contiguous();         // [B, P, width]
    }

    private sealed class ResidualBlock : nn.Module<Tensor, Tensor>
    {
        private readonly GroupNorm norm;
        private readonly Conv2d first;
        private readonly Conv2d second;

        public ResidualBlock(int channels) : base(nameof(ResidualBlock))
        {
            norm = GroupNormalization.Create(channels);
            first = Conv2d(channels, channels, 3, 1, 1);
            second = Conv2d(channels, channels, 3, 1, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) =>
            x + second.call(functional.silu(first.call(functional.silu(norm.call(x)))));
    }
}
