using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// mIoU of label maps on one core: 16 maps of 640 x 480 pixels and 171 classes in patches of 40 x 40, of which a share is
/// predicted at random: none is the best case, all the worst.
/// </summary>
[Config(typeof(PeerConfig)), WarmupCount(50), IterationCount(50)]
public class LabelMapBenchmarks
{
    private const int Classes = 171, Width = 640, Maps = 16, Pixels = Maps * Width * 480, Patch = 40;
    private readonly byte[] _truth = new byte[Pixels], _predicted = new byte[Pixels];
    private NumpyPeer? _peer;

    [Params(0, .2, 1)]
    public double Noise { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        for (var i = 0; i < Pixels; i++)
        {
            _truth[i] = (byte)((i % Width / Patch * 7 + i / Width / Patch * 31) % Classes);
            _predicted[i] = random.NextDouble() < Noise ? (byte)random.Next(Classes) : _truth[i];
        }
        _peer = new NumpyPeer("metrics.py", "label-maps", Classes, _truth, _predicted);
        double ours = MeanIoU(), theirs = Numpy();
        if (Math.Abs(ours - theirs) > 1e-12)
            throw new InvalidOperationException($"The library finds a mIoU of {ours}, numpy {theirs}.");
    }

    [GlobalCleanup]
    public void CleanUp() => _peer?.Dispose();

    [Benchmark(Baseline = true)]
    public double MeanIoU()
    {
        var sums = new LabelMapAccumulator(Classes);
        for (var i = 0; i < Maps; i++)
            sums.Add(_truth.AsSpan(i * Pixels / Maps, Pixels / Maps), _predicted.AsSpan(i * Pixels / Maps, Pixels / Maps));
        return sums.Complete().MeanIoU;
    }

    [Benchmark]
    public double Numpy() => _peer!.Run()[0];
}
