using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>200 polygons of 64 corners to masks of 640 x 480, and the same masks from their compressed run lengths, on one thread.</summary>
[Config(typeof(PeerConfig)), WarmupCount(10), IterationCount(30)]
public class MaskFormBenchmarks
{
    private const int Count = 200, Width = 640, Height = 480, Corners = 64;
    private double[][] _polygons = [];
    private string[] _texts = [];
    private NumpyPeer? _polygonPeer, _textPeer;

    /// <summary>A wavy outline somewhere in the image, 20 to 200 pixels across.</summary>
    public static double[] Outline(Random random) => Outline(random, random.Next(60, Width - 60), random.Next(60, Height - 60), random.Next(10, 100));

    /// <summary>A wavy outline about a point.</summary>
    public static double[] Outline(Random random, double x, double y, double radius)
    {
        double phase = random.NextDouble();
        return [.. Enumerable.Range(0, Corners).SelectMany(corner =>
        {
            double angle = corner * 2 * Math.PI / Corners, reach = radius * (1 + 0.2 * Math.Sin(5 * angle + phase) + 0.05 * random.NextDouble());
            return new[] { x + reach * Math.Cos(angle), y + reach * Math.Sin(angle) };
        })];
    }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        _polygons = [.. Enumerable.Range(0, Count).Select(_ => Outline(random))];
        _texts = [.. _polygons.Select(polygon => SegmentationMask.FromPolygons([polygon], Width, Height).ToCompressedRunLengths())];
        _polygonPeer = new NumpyPeer("masks.py", "polygons", Count, [.. _polygons.Select(polygon => MemoryMarshal.AsBytes(polygon.AsSpan()).ToArray())]);
        _textPeer = new NumpyPeer("masks.py", "run-lengths", Count, Encoding.ASCII.GetBytes(string.Join('\n', _texts)));
        if ((FromPolygons(), FromRunLengths()) != (NumpyFromPolygons(), NumpyFromRunLengths()))
            throw new InvalidOperationException($"The library finds {FromPolygons()} and {FromRunLengths()} pixels, numpy {NumpyFromPolygons()} and {NumpyFromRunLengths()}.");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _polygonPeer?.Dispose();
        _textPeer?.Dispose();
    }

    [Benchmark]
    public double FromPolygons()
    {
        long area = 0;
        foreach (double[] polygon in _polygons)
            area += SegmentationMask.FromPolygons([polygon], Width, Height).Area;
        return area;
    }

    [Benchmark]
    public double NumpyFromPolygons() => _polygonPeer!.Run()[0];

    [Benchmark]
    public double FromRunLengths()
    {
        long area = 0;
        foreach (string text in _texts)
            area += SegmentationMask.FromCompressedRunLengths(text, Width, Height).Area;
        return area;
    }

    [Benchmark]
    public double NumpyFromRunLengths() => _textPeer!.Run()[0];
}
