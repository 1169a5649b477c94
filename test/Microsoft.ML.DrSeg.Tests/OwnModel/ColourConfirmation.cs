using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>An eye that knows red, green and blue: how well a mask agrees with the pixels of the colour that a sentence names.</summary>
internal sealed class ColourConfirmation : IMaskConfirmation
{
    private static readonly string[] Channels = ["red", "green", "blue"];

    public int MapSide => 4;

    public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts) => [.. prompts.Select(Confirm)];

    public void Dispose()
    {
    }

    private Confirmation Confirm(ConfirmationPrompt prompt)
    {
        SegmentationMask wanted = Coloured(prompt.Image, Array.FindIndex(Channels, Sentences.Words(prompt.Query).Contains));
        // That nothing of the colour is there is right where it is so.
        float confidence = (float)prompt.Mask.IntersectionOverUnion(wanted);
        if (prompt.Mask.Area == 0) confidence = wanted.Area == 0 ? 1 : 0;
        return new Confirmation(confidence, Agreement(prompt.Mask, wanted));
    }

    private static SegmentationMask Coloured(RgbImage image, int channel)
    {
        var pixels = new bool[image.Width * image.Height];
        for (int i = 0; i < pixels.Length && channel >= 0; i++) pixels[i] = image.Pixels[Channels.Length * i + channel] > 128;
        return SegmentationMask.FromPixels(pixels, image.Width, image.Height);
    }

    // The share of each cell's pixels that both masks have inside or both have outside.
    private ConfidenceMap Agreement(SegmentationMask mask, SegmentationMask wanted)
    {
        int side = Math.Max(mask.Width, mask.Height);
        float left = (mask.Width - side) / 2f, top = (mask.Height - side) / 2f;
        int[] counts = new int[MapSide * MapSide], alike = new int[MapSide * MapSide];
        for (int y = 0; y < mask.Height; y++)
            for (int x = 0; x < mask.Width; x++)
            {
                int cell = (int)((y - top) * MapSide / side) * MapSide + (int)((x - left) * MapSide / side);
                counts[cell]++;
                if (mask[x, y] == wanted[x, y]) alike[cell]++;
            }
        return new ConfidenceMap(MapSide, [.. alike.Zip(counts, (same, all) => all == 0 ? 0 : (float)same / all)], new(left, top, left + side, top + side));
    }
}
