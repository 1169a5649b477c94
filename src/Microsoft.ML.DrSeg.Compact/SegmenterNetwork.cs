using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// A small U-Net: [B, 5, S, S] (red, green, blue, box, point) to mask logits [B, S, S], S a multiple of 8.
/// </summary>
internal sealed class SegmenterNetwork : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "full")] private readonly Stage _full;
    [ComponentName(Name = "half")] private readonly Stage _half;
    [ComponentName(Name = "quarter")] private readonly Stage _quarter;
    [ComponentName(Name = "eighth")] private readonly Stage _eighth;
    [ComponentName(Name = "upQuarter")] private readonly Layer _upQuarter;
    [ComponentName(Name = "upHalf")] private readonly Layer _upHalf;
    [ComponentName(Name = "upFull")] private readonly Layer _upFull;
    [ComponentName(Name = "head")] private readonly Conv2d _head;

    // The device of every network and layer is where it makes its weights (TorchDevice.OfFreshWeights).
    public SegmenterNetwork(int width, Device device) : base(nameof(SegmenterNetwork))
    {
        _full = new Stage(5, width, 1, device);
        _half = new Stage(width, 2 * width, 2, device);
        _quarter = new Stage(2 * width, 4 * width, 2, device);
        _eighth = new Stage(4 * width, 4 * width, 2, device);
        _upQuarter = new Layer(8 * width, 4 * width, 1, device);
        _upHalf = new Layer(6 * width, width, 1, device);
        _upFull = new Layer(2 * width, width, 1, device);
        _head = Conv2d(width, 1, 1, device: device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor crop)
    {
        Tensor a = _full.call(ChannelsLast.Of(crop)), b = _half.call(a), c = _quarter.call(b), d = _eighth.call(c);
        Tensor x = _upQuarter.call(cat([Double(d), c], 1));
        x = _upHalf.call(cat([Double(x), b], 1));
        x = _upFull.call(cat([Double(x), a], 1));
        return _head.call(x).squeeze(1);
    }

    private static Tensor Double(Tensor x) =>
        functional.interpolate(x, [2 * x.shape[2], 2 * x.shape[3]], null, InterpolationMode.Nearest);

    /// <summary>Two layers, the first with the stride.</summary>
    private sealed class Stage : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "first")] private readonly Layer _first;
        [ComponentName(Name = "second")] private readonly Layer _second;

        public Stage(int input, int output, int stride, Device device) : base(nameof(Stage))
        {
            _first = new Layer(input, output, stride, device);
            _second = new Layer(output, output, 1, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => _second.call(_first.call(x));
    }

    /// <summary>Convolution, group norm, SiLU.</summary>
    private sealed class Layer : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "convolution")] private readonly Conv2d _convolution;
        [ComponentName(Name = "norm")] private readonly GroupNorm _norm;

        public Layer(int input, int output, int stride, Device device) : base(nameof(Layer))
        {
            _convolution = Conv2d(input, output, 3, stride, 1, device: device);
            _norm = GroupNormalization.Create(output, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => functional.silu(_norm.call(_convolution.call(x)));
    }
}
