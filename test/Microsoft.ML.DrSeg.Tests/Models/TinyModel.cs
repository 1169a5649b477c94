using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>Models and examples so small that a test trains in a moment: coloured rectangles, asked for by their colour.</summary>
internal static class TinyModel
{
    public const int Side = 32;
    public static readonly string[] Nouns = ["blue", "green", "red"];

    private static readonly CompactModelShape Shape = ShapeOf(Nouns);

    private static readonly Lazy<DrSegModel> Taught = new(() => Pretrainer.Train(Shape, Example, new PretrainingOptions
    {
        Seed = 1,
        BatchSize = 16,
        LearningRate = 3e-3,
        SegmenterSteps = 60,
        PolicySteps = 300,
        ConfirmationSteps = 40,
        ThresholdExamples = 32,
    }));

    public static CompactModelShape ShapeOf(IReadOnlyList<string> nouns)
    {
        int tokens = new QueryVocabulary(nouns).Size;
        return new CompactModelShape(
            nouns,
            new CompactPolicyShape(tokens, nouns.Count, ViewSize: 16, Width: 32, Heads: 1, Layers: 1, CoordinateBins: 8),
            new CompactSegmenterShape(CropSize: 16, Width: 16),
            new CompactConfirmationShape(tokens, CropSize: 16, Width: 32, Heads: 1));
    }

    /// <summary>Weights that nothing has trained: nearly all answers fail.</summary>
    public static DrSegModel Fresh(int seed = 1)
    {
        manual_seed(seed);
        return CompactModel.Create(Shape);
    }

    /// <summary>A copy of a model that has learned to answer, though not well. It is taught once for all tests.</summary>
    public static DrSegModel Trained() => Taught.Value.Clone();

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
