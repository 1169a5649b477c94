using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>A segmenter that knows nothing of networks or GRPO: the bright pixels within the box. Counts what it is asked.</summary>
internal sealed class ThresholdSegmenter : IPromptableSegmenter
{
    private int _asked;

    public int Asked => _asked;

    public bool IsDisposed { get; private set; }

    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts)
    {
        Interlocked.Add(ref _asked, prompts.Count);
        return [.. prompts.Select(prompt => Bright(prompt.Image, prompt.Box))];
    }

    public void Dispose() => IsDisposed = true;

    /// <summary>The pixels within a box of which a channel is above half.</summary>
    public static SegmentationMask Bright(RgbImage image, BoundingBox box)
    {
        var inside = new bool[image.Width * image.Height];
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
                inside[y * image.Width + x] = x + 0.5f > box.X0 && x + 0.5f < box.X1 && y + 0.5f > box.Y0 && y + 0.5f < box.Y1
                    && image.Pixels.AsSpan(3 * (y * image.Width + x), 3).IndexOfAnyInRange((byte)128, (byte)255) >= 0;
        return SegmentationMask.FromPixels(inside, image.Width, image.Height);
    }
}
