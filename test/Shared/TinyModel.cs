using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>Models and examples so small that a test trains in a moment: coloured rectangles, asked for by their colour.</summary>
internal static class TinyModel
{
    public const int Side = 32;
    public static readonly string[] Nouns = ["blue", "green", "red"];

    /// <summary>Objects of the longest answer of a model of lists.</summary>
    public const int MostObjects = 3;

    private static readonly CompactModelShape Shape = ShapeOf(Nouns), ListShape = ShapeOf(Nouns, MostObjects);

    private static readonly Lazy<DrSegModel> Taught = new(() => Pretrainer.Train(Shape, Example, Teaching)), TaughtLists = new(() => Pretrainer.Train(ListShape, Several, Teaching));

    private static PretrainingOptions Teaching => new()
    {
        Seed = 1,
        BatchSize = 16,
        LearningRate = 3e-3,
        SegmenterSteps = 60,
        PolicySteps = 300,
        ConfirmationSteps = 40,
        ThresholdExamples = 32,
    };

    public static CompactModelShape ShapeOf(IReadOnlyList<string> nouns, int mostObjects = 1)
    {
        int tokens = new QueryVocabulary(nouns).Size;
        return new CompactModelShape(
            nouns,
            new CompactPolicyShape(tokens, nouns.Count, ViewSize: 16, Width: 32, Heads: 1, Layers: 1, CoordinateBins: 8, MostObjects: mostObjects),
            new CompactSegmenterShape(CropSize: 16, Width: 16),
            new CompactConfirmationShape(tokens, CropSize: 16, Width: 32, Heads: 1));
    }

    /// <summary>Weights that nothing has trained: nearly all answers fail.</summary>
    public static DrSegModel Fresh(int seed = 1, bool lists = false)
    {
        manual_seed(seed);
        return CompactModel.Create(lists ? ListShape : Shape);
    }

    /// <summary>A copy of a model that has learned to answer, though not well. It is taught once for all tests.</summary>
    public static DrSegModel Trained() => Taught.Value.Clone();

    /// <summary>The same of a model that answers with lists of objects, taught on <see cref="Several"/>.</summary>
    public static DrSegModel TrainedLists() => TaughtLists.Value.Clone();

    /// <summary>No object of the colour asked for, or up to three, each in a quarter of the image; the other quarters hold another colour or nothing.</summary>
    public static SegmentationExample Several(long index)
    {
        var random = DeterministicRandom.Create(0x72, (ulong)index);
        byte[] pixels = new byte[3 * Side * Side];
        Array.Fill(pixels, (byte)60);
        int noun = random.NextInt(3), other = (noun + 1 + random.NextInt(2)) % 3, count = random.NextInt(MostObjects + 1), first = random.NextInt(4);
        var objects = new List<SegmentationMask>();
        for (int i = 0; i < 4; i++)
        {
            int quarter = (first + i) % 4, width = 8 + random.NextInt(7), height = 8 + random.NextInt(7);
            int x = quarter % 2 * Side / 2 + random.NextInt(Side / 2 - width + 1), y = quarter / 2 * Side / 2 + random.NextInt(Side / 2 - height + 1);
            var box = new BoundingBox(x, y, x + width, y + height);
            if (i < count) objects.Add(SegmentationMask.FromBox(box, Side, Side));
            if (i < count || random.NextInt(2) == 0) Paint(pixels, i < count ? noun : other, box);
        }
        return new SegmentationExample(new RgbImage(Side, Side, pixels), Nouns[noun], SegmentationMask.Union(objects, Side, Side), index) { Objects = objects };
    }

    /// <summary>A rectangle of one colour before a grey background, with another one in a colour not asked for.</summary>
    public static SegmentationExample Example(long index)
    {
        var random = DeterministicRandom.Create(0x71, (ulong)index);
        byte[] pixels = new byte[3 * Side * Side];
        Array.Fill(pixels, (byte)60);
        int noun = random.NextInt(3), other = (noun + 1 + random.NextInt(2)) % 3;
        Paint(pixels, other, Rectangle(ref random));
        BoundingBox box = Rectangle(ref random);
        Paint(pixels, noun, box);
        return new SegmentationExample(new RgbImage(Side, Side, pixels), Nouns[noun], SegmentationMask.FromBox(box, Side, Side), index);
    }

    public static SegmentationExample[] Examples(int count) => [.. Enumerable.Range(0, count).Select(i => Example(i))];

    public static SegmentationQuery QueryOf(DrSegModel model, SegmentationExample example) =>
        new(example.Image, example.Query, example.Id);

    /// <summary>All weights of the policy, one after the other.</summary>
    public static float[] PolicyWeights(DrSegModel model) =>
        [.. model.Policy.Parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];

    /// <summary>
    /// Mean distance of the weights of two trainings that differ by rounding alone. Not the largest: AdamW's first steps are as long for a
    /// gradient of nearly 0 as for any other, whichever sign rounding gives it.
    /// </summary>
    public static double MeanDistance(float[] first, float[] second) => first.Zip(second, (one, other) => Math.Abs((double)one - other)).Average();

    private static BoundingBox Rectangle(ref DeterministicRandom random)
    {
        int width = 8 + random.NextInt(13), height = 8 + random.NextInt(13);
        int x = random.NextInt(Side - width + 1), y = random.NextInt(Side - height + 1);
        return new BoundingBox(x, y, x + width, y + height);
    }

    // Nouns are in the order of blue, green, red; channels the other way round.
    private static void Paint(byte[] pixels, int noun, BoundingBox box)
    {
        for (int y = (int)box.Y0; y < box.Y1; y++)
            for (int x = (int)box.X0; x < box.X1; x++)
                pixels[3 * (y * Side + x) + 2 - noun] = 230;
    }
}
