using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// IoU of 100 x 100 masks at 640 x 480 on two threads: outlined objects, as data sets have them, and pixels thrown at random,
/// which run lengths suit worst. The peer multiplies flattened masks as float32, which costs the same for both.
/// </summary>
[ShortRunJob]
public class MaskMatrixBenchmarks
{
    private const int Count = 100, Width = 640, Height = 480;
    private static readonly ParallelOptions TwoThreads = new() { MaxDegreeOfParallelism = 2 };
    private SegmentationMask[] _first = [], _second = [];
    private NumpyPeer? _peer;

    [Params(true, false)]
    public bool Outlined { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        (_first, _second) = (Make(random), Make(random));
        _peer = new NumpyPeer("masks.py", "iou-matrix", Count, Bytes(_first), Bytes(_second));
        double ours = Matrix(), theirs = Numpy();
        // Sums of float32 products lose digits.
        if (Math.Abs(ours - theirs) > 1e-4 * theirs)
            throw new InvalidOperationException($"The library finds {ours}, numpy {theirs}.");
    }

    [GlobalCleanup]
    public void CleanUp() => _peer?.Dispose();

    [Benchmark(Baseline = true)]
    public double Matrix()
    {
        double[] sums = new double[Count];
        Parallel.For(0, Count, TwoThreads, i =>
        {
            foreach (SegmentationMask other in _second)
                sums[i] += _first[i].IntersectionOverUnion(other);
        });
        return sums.Sum();
    }

    [Benchmark]
    public double Numpy() => _peer!.Run()[0];

    private SegmentationMask[] Make(Random random) => [.. Enumerable.Range(0, Count).Select(_ => Outlined
        ? SegmentationMask.FromPolygons([MaskFormBenchmarks.Outline(random)], Width, Height)
        : SegmentationMask.FromPixels([.. Enumerable.Range(0, Width * Height).Select(_ => random.Next(2) == 0)], Width, Height))];

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
