using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The compact promptable segmenter that the library ships. It sees only a square crop around the box, so that its
/// cost does not grow with the image, and pastes the answer back at the image's own resolution.
/// </summary>
internal sealed class CompactSegmenter : IPromptableSegmenter
{
    // The object may reach beyond a box that is a little off.
    private const float Surroundings = 1.5f;
    private const float PointRadius = 0.06f;
    private const int BatchSize = 16;

    private readonly SegmenterNetwork _network;
    private readonly Device _device;

    /// <summary>Creates a segmenter with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public CompactSegmenter(CompactSegmenterShape shape, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        Shape = shape;
        _device = TorchDevice.OrProcessor(device);
        _network = new SegmenterNetwork(shape.Width, TorchDevice.OfFreshWeights(_device));
        _network.to(_device);
    }

    /// <summary>The sizes it was made with.</summary>
    public CompactSegmenterShape Shape { get; }

    /// <summary>The weights' module, for training, saving and loading.</summary>
    internal nn.Module Network => _network;

    internal IEnumerable<Parameter> Parameters() => _network.parameters();

    /// <inheritdoc/>
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return SideBySide.Batches(prompts, BatchSize, SegmentBatch, _device);
    }

    private SegmentationMask[] SegmentBatch(SegmenterPrompt[] prompts)
    {
        var masks = new SegmentationMask[prompts.Length];
        int size = Shape.CropSize, area = size * size;
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        float[] logits = Logits(Render(prompts)).Floats();
        Parallel.For(0, prompts.Length, i =>
            masks[i] = CropSampler.Paste(logits.AsSpan(i * area, area), size, Crop(prompts[i].Box), prompts[i].Image.Width, prompts[i].Image.Height));
        return masks;
    }

    /// <summary>The crop that a box is segmented in.</summary>
    internal static BoundingBox Crop(BoundingBox box)
    {
        float half = Math.Max(8f, Surroundings * Math.Max(box.Width, box.Height)) / 2;
        float x = (box.X0 + box.X1) / 2, y = (box.Y0 + box.Y1) / 2;
        return new BoundingBox(x - half, y - half, x + half, y + half);
    }

    /// <summary>[B, 5, S, S] input of prompts: colours, box and point, each 0..1.</summary>
    internal Tensor Render(IReadOnlyList<SegmenterPrompt> prompts)
    {
        int size = Shape.CropSize, area = size * size;
        var input = new float[prompts.Count * 5 * area];
        Parallel.For(0, prompts.Count, i =>
        {
            (RgbImage image, BoundingBox box, PixelPoint point) = prompts[i];
            BoundingBox crop = Crop(box);
            Span<float> planes = input.AsSpan(i * 5 * area, 5 * area);
            CropSampler.Sample(image, crop, size, planes[..(3 * area)]);
            float scale = size / crop.Width;
            float px = (point.X - crop.X0) * scale, py = (point.Y - crop.Y0) * scale, spread = PointRadius * size;
            // Box and bell are products of what they are along each axis.
            var (inColumns, nearColumns) = Axis(size, crop.X0, scale, box.X0, box.X1, px, spread);
            var (inRows, nearRows) = Axis(size, crop.Y0, scale, box.Y0, box.Y1, py, spread);
            for (int y = 0; y < size; y++)
            {
                TensorPrimitives.Multiply(inColumns, inRows[y], planes.Slice(3 * area + y * size, size));
                TensorPrimitives.Multiply(nearColumns, nearRows[y], planes.Slice(4 * area + y * size, size));
            }
        });
        return torch.tensor(input, [prompts.Count, 5, size, size]).to(_device);
    }

    // For each of the crop's pixels along an axis: whether it is in the box, 0 or 1, and how near to the point, 0 to 1.
    private static (float[] Inside, float[] Near) Axis(int size, float start, float scale, float low, float high, float point, float spread)
    {
        float[] inside = new float[size], near = new float[size];
        for (int i = 0; i < size; i++)
        {
            float place = start + (i + 0.5f) / scale, distance = (i + 0.5f - point) / spread;
            inside[i] = place >= low && place < high ? 1 : 0;
            near[i] = MathF.Exp(-distance * distance / 2);
        }
        return (inside, near);
    }

    /// <summary>Mask logits [B, S, S] of a rendered input.</summary>
    internal Tensor Logits(Tensor input) => _network.call(input);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}

/// <summary>Sizes of a <see cref="CompactSegmenter"/>.</summary>
/// <param name="CropSize">Side of the crop in pixels, a multiple of 8 up to 1,024.</param>
/// <param name="Width">Channels at full resolution, a multiple of 16 up to 65,536.</param>
internal sealed record CompactSegmenterShape(int CropSize = 32, int Width = 16)
{
    internal void Validate()
    {
        OptionChecks.RequireSide($"Segmenter.{nameof(CropSize)}", CropSize);
        OptionChecks.RequireWidth($"Segmenter.{nameof(Width)}", Width, 16);
    }
}
