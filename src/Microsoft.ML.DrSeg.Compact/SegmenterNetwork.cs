using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// A small U-Net: [B, 5, S, S] (red, green, blue, box, point) to mask logits [B, S, S], S a multiple of 8.
/// </summary>
internal sealed class SegmenterNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Stage full;
    private readonly Stage half;
    private readonly Stage quarter;
    private readonly Stage eighth;
    private readonly Layer upQuarter;
    private readonly Layer upHalf;
    private readonly Layer upFull;
    private readonly Conv2d head;

    // The device of every network and layer is where it makes its weights (TorchDevice.OfFreshWeights).
    public SegmenterNetwork(int width, Device device) : base(nameof(SegmenterNetwork))
    {
        full = new Stage(5, width, 1, device);
        half = new Stage(width, 2 * width, 2, device);
        quarter = new Stage(2 * width, 4 * width, 2, device);
        eighth = new Stage(4 * width, 4 * width, 2, device);
        upQuarter = new Layer(8 * width, 4 * width, 1, device);
        upHalf = new Layer(6 * width, width, 1, device);
        upFull = new Layer(2 * width, width, 1, device);
        head = Conv2d(width, 1, 1, device: device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor crop)
    {
        Tensor a = full.call(ChannelsLast.Of(crop)), b = half.call(a), c = quarter.call(b), d = eighth.call(c);
        Tensor x = upQuarter.call(cat([Double(d), c], 1));
        x = upHalf.call(cat([Double(x), b], 1));
        x = upFull.call(cat([Double(x), a], 1));
        return head.call(x).squeeze(1);
    }

    private static Tensor Double(Tensor x) =>
        functional.interpolate(x, [2 * x.shape[2], 2 * x.shape[3]], null, InterpolationMode.Nearest);

    /// <summary>Two layers, the first with the stride.</summary>
    private sealed class Stage : nn.Module<Tensor, Tensor>
    {
        private readonly Layer first;
        private readonly Layer second;

        public Stage(int input, int output, int stride, Device device) : base(nameof(Stage))
        {
            first = new Layer(input, output, stride, device);
            second = new Layer(output, output, 1, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => second.call(first.call(x));
    }

    /// <summary>Convolution, group norm, SiLU.</summary>
    private sealed class Layer : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d convolution;
        private readonly GroupNorm norm;

        public Layer(int input, int output, int stride, Device device) : base(nameof(Layer))
        {
            convolution = Conv2d(input, output, 3, stride, 1, device: device);
            norm = GroupNormalization.Create(output, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => functional.silu(norm.call(convolution.call(x)));
    }
}
