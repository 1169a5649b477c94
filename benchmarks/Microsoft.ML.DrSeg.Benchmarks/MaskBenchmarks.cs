using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Masks and crops: what every candidate of every step costs.</summary>
[MemoryDiagnoser]
public class MaskBenchmarks
{
    private const int Size = 192, Crop = 64;
    private readonly SegmentationMask _first = Disc(80, 90, 40), _second = Disc(95, 100, 38);
    private readonly RgbImage _image = new(Size, Size, new byte[3 * Size * Size]);
    private readonly float[] _view = new float[3 * Crop * Crop], _logits = new float[32 * 32];
    private readonly BoundingBox _whole = new(0, 0, Size, Size), _region = new(40, 40, 140, 140);

    [Benchmark]
    public double IntersectionOverUnion() => _first.IntersectionOverUnion(_second);

    [Benchmark]
    public void SampleView() => CropSampler.Sample(_image, _whole, Crop, _view);

    [Benchmark]
    public SegmentationMask Paste() => CropSampler.Paste(_logits, 32, _region, Size, Size);

    private static SegmentationMask Disc(int x0, int y0, int radius)
    {
        var pixels = new bool[Size * Size];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Pow(i % Size - x0, 2) + Math.Pow(i / Size - y0, 2) < radius * radius;
        return SegmentationMask.FromPixels(pixels, Size, Size);
    }
}
