using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A candidate and the truth of what it was asked for.</summary>
internal readonly record struct Judged(ConfirmationPrompt Prompt, SegmentationMask Truth)
{
    public double IoU => Prompt.Mask.IntersectionOverUnion(Truth);
}

/// <summary>Candidates over pictures of two coloured rectangles (<see cref="TinyModel.Example"/>), asked for by a colour.</summary>
internal sealed class ColouredScenes
{
    public const int QueryWidth = 12;
    private const int Side = TinyModel.Side;

    private readonly Dictionary<long, RgbImage> _images = [];

    /// <summary>Small numbers that stand for a word, like embeddings of tokens.</summary>
    public static Tensor Embed(IReadOnlyList<string> queries)
    {
        var values = new float[queries.Count * QueryWidth];
        for (int i = 0; i < queries.Count; i++)
        {
            var random = new Random(Array.IndexOf(TinyModel.Nouns, queries[i]));
            for (int j = 0; j < QueryWidth; j++)
                values[i * QueryWidth + j] = .01f * (random.NextSingle() - .5f);
        }
        return tensor(values, [queries.Count, QueryWidth]);
    }

    public RgbImage Image(long index) => _images.TryGetValue(index, out RgbImage? image) ? image : _images[index] = TinyModel.Example(index).Image;

    /// <summary>The visible pixels of a colour, none where the picture has none of it.</summary>
    public SegmentationMask Coloured(long index, int noun)
    {
        byte[] pixels = Image(index).Pixels;
        return SegmentationMask.FromPixels([.. Enumerable.Range(0, Side * Side).Select(i => pixels[3 * i + 2 - noun] > 128)], Side, Side);
    }

    /// <summary>Colours that a picture has.</summary>
    public int[] Present(long index) => [.. Enumerable.Range(0, 3).Where(noun => Coloured(index, noun).Area > 0)];

    public Judged Of(long index, int noun, SegmentationMask mask) =>
        new(new ConfirmationPrompt(Image(index), TinyModel.Nouns[noun], mask.Area > 0 ? mask.Box : null, mask), Coloured(index, noun));

    /// <summary>Any colour with any mask: exact, moved or resized, of another colour, anywhere, or empty.</summary>
    public Judged Any(long index, int draw)
    {
        var random = DeterministicRandom.Create((ulong)index, (ulong)draw);
        int noun = random.NextInt(3);
        int[] present = Present(index);
        SegmentationMask target = Coloured(index, random.NextInt(4) == 0 || Coloured(index, noun).Area == 0 ? present[random.NextInt(present.Length)] : noun);
        return Of(index, noun, random.NextInt(6) switch
        {
            0 => target,
            1 => SegmentationMask.Empty(Side, Side),
            _ => Moved(target.Box, ref random),
        });
    }

    /// <summary>A mask of the colour asked for, which the picture has, from exact to beside it.</summary>
    public Judged Near(long index, int draw)
    {
        var random = DeterministicRandom.Create((ulong)index, (ulong)draw);
        int[] present = Present(index);
        int noun = present[random.NextInt(present.Length)];
        return Of(index, noun, Moved(Coloured(index, noun).Box, ref random));
    }

    private static SegmentationMask Moved(BoundingBox box, ref DeterministicRandom random)
    {
        int most = random.NextInt(10);
        float x = random.NextInt(2 * most + 1) - most, y = random.NextInt(2 * most + 1) - most, wider = random.NextInt(most + 1) - most / 2, higher = random.NextInt(most + 1) - most / 2;
        return SegmentationMask.FromBox(new(box.X0 + x, box.Y0 + y, box.X1 + x + wider, box.Y1 + y + higher), Side, Side);
    }
}
