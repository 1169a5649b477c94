using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// IoU of 100 x 100 masks at 640 x 480 on all processors. The library begins with run lengths, as masks are held; the peer with
/// pixels that lie in memory as float32 already, and multiplies them, which costs the same whatever they show.
/// </summary>
[Config(typeof(PeerConfig)), WarmupCount(50), IterationCount(50)]
public class MaskMatrixBenchmarks
{
    private const int Count = 100, Width = 640, Height = 480;
    private SegmentationMask[] _first = [], _second = [];
    private NumpyPeer? _peer;

    public enum Kind
    {
        /// <summary>Instances of COCO's photographs, scaled to 640 x 480: a quarter of the pairs have boxes that overlap.</summary>
        Photographs,

        /// <summary>Wavy outlines anywhere in the image: as many do.</summary>
        Outlines,

        /// <summary>Larger ones about the image's middle: all boxes overlap, so that no pair is done by a glance at them.</summary>
        Overlapping,

        /// <summary>Pixels thrown at random, which no object looks like: run lengths at their worst.</summary>
        Noise,
    }

    [ParamsSource(nameof(Kinds))]
    public Kind Masks { get; set; }

    /// <summary>The photographs only where the tests' data are.</summary>
    public static IEnumerable<Kind> Kinds => Enum.GetValues<Kind>().Where(kind => kind != Kind.Photographs || Photographs is not null);

    private static string? Photographs =>
        Environment.GetEnvironmentVariable("DRSEG_TEST_DATA") is { Length: > 0 } folder && Path.Combine(folder, "coco-val100") is var path && Directory.Exists(path) ? path : null;

    [GlobalSetup]
    public void SetUp()
    {
        SegmentationMask[] masks = [.. Make(new Random(1)).Take(2 * Count)];
        (_first, _second) = (masks[..Count], masks[Count..]);
        int met = _first.Sum(one => _second.Count(other => !one.Box.Intersect(other.Box).IsEmpty));
        Console.WriteLine($"// {Masks}: {masks.Average(mask => mask.ToRunLengths().Length):F0} runs and {masks.Average(mask => mask.Area):F0} pixels a mask; {met} of {Count * Count} pairs of boxes overlap.");

        _peer = new NumpyPeer("masks.py", "iou-matrix", Count, Bytes(_first), Bytes(_second));
        double ours = Matrix().Cast<double>().Sum(), theirs = Numpy();
        // Sums of float32 products lose digits.
        if (Math.Abs(ours - theirs) > 1e-4 * theirs)
            throw new InvalidOperationException($"The library finds {ours}, numpy {theirs}.");
    }

    [GlobalCleanup]
    public void CleanUp() => _peer?.Dispose();

    [Benchmark(Baseline = true)]
    public double[,] Matrix() => SegmentationMask.IntersectionOverUnion(_first, _second);

    [Benchmark]
    public double Numpy() => _peer!.Run()[0];

    private IEnumerable<SegmentationMask> Make(Random random)
    {
        if (Masks == Kind.Photographs)
        {
            SegmentationMask[] instances = [.. DataSetFinder.Open(Photographs!, layout: DataSetLayout.Coco).Read().SelectMany(row => row.Objects)
                .Select(seen => seen.Mask!.Resize(Width, Height))];
            random.Shuffle(instances);
            return instances;
        }
        return Enumerable.Range(0, 2 * Count).Select(_ => Masks switch
        {
            Kind.Noise => SegmentationMask.FromPixels([.. Enumerable.Range(0, Width * Height).Select(_ => random.Next(2) == 0)], Width, Height),
            Kind.Outlines => SegmentationMask.FromPolygons([MaskFormBenchmarks.Outline(random)], Width, Height),
            _ => SegmentationMask.FromPolygons([MaskFormBenchmarks.Outline(random, random.Next(270, 370), random.Next(190, 290), random.Next(60, 160))], Width, Height),
        });
    }

    private static byte[] Bytes(SegmentationMask[] masks)
    {
        byte[] bytes = new byte[masks.Length * Width * Height];
        bool[] pixels = new bool[Width * Height];
        for (int i = 0; i < masks.Length; i++)
        {
            masks[i].CopyTo(pixels);
            for (int j = 0; j < pixels.Length; j++)
                bytes[i * pixels.Length + j] = pixels[j] ? (byte)1 : (byte)0;
        }
        return bytes;
    }
}
