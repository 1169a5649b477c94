using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// COCO's average precision over 5,000 images of 640 x 480 pixels with 80 categories, 7 objects and 20 detections each:
/// two detections about every object and six anywhere.
/// </summary>
[Config(typeof(PeerConfig))]
public class AveragePrecisionBenchmarks
{
    private const int Images = 5000, Objects = 7, Categories = 80, Width = 640, Height = 480;
    private readonly List<DetectionImage> _images = [];
    private NumpyPeer? _peer;

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        for (var i = 0; i < Images; i++)
            _images.Add(Image(i, random));
        double[] objects = [.. _images.SelectMany(image => image.Truth.SelectMany(truth => Row(image, truth.Category, truth.IsCrowd ? 1 : 0, truth.Area, truth.Box!.Value)))];
        double[] detections = [.. _images.SelectMany(image => image.Detections.SelectMany(detection => Row(image, detection.Category, detection.Score, 0, detection.Box!.Value)))];
        _peer = new NumpyPeer("metrics.py", "boxes", objects.Length / 8, NumpyPeer.Bytes(objects), NumpyPeer.Bytes(detections));

        var ours = Boxes();
        double?[] figures = [ours.AveragePrecision, ours.SmallAveragePrecision, ours.MediumAveragePrecision, ours.LargeAveragePrecision];
        var theirs = NumpyBoxes();
        for (var i = 0; i < figures.Length; i++)
            if (Math.Abs(figures[i]!.Value - theirs[i]) > 1e-9)
                throw new InvalidOperationException($"Figure {i} is {figures[i]} by the library and {theirs[i]} by numpy.");
    }

    [GlobalCleanup]
    public void CleanUp() => _peer?.Dispose();

    [Benchmark(Baseline = true)]
    public DetectionMetrics Boxes() => Evaluate(DetectionOverlap.Boxes);

    [Benchmark]
    public DetectionMetrics Masks() => Evaluate(DetectionOverlap.Masks);

    [Benchmark]
    public double[] NumpyBoxes() => _peer!.Run();

    private DetectionMetrics Evaluate(DetectionOverlap overlap)
    {
        var sums = new DetectionAccumulator(new() { Overlap = overlap });
        foreach (var image in _images)
            sums.Add(image);
        return sums.Complete();
    }

    private static DetectionImage Image(int id, Random random)
    {
        var truth = new List<TrueObject>();
        var detections = new List<DetectedObject>();
        for (var i = 0; i < Objects; i++)
        {
            var box = AnyBox(random);
            var category = random.Next(Categories);
            truth.Add(new(Name(category), Mask(box), box) { IsCrowd = random.Next(50) == 0 });
            for (var j = 0; j < 2; j++)
                detections.Add(Detection(random.Next(10) == 0 ? random.Next(Categories) : category, Moved(box, random), random));
        }
        for (var i = 0; i < 6; i++)
            detections.Add(Detection(random.Next(Categories), AnyBox(random), random));
        return new() { Id = id, Truth = truth, Detections = detections };
    }

    private static DetectedObject Detection(int category, BoundingBox box, Random random) => new(Name(category), random.NextSingle(), Mask(box), box);

    private static SegmentationMask Mask(BoundingBox box) => SegmentationMask.FromBox(box, Width, Height);

    private static string Name(int category) => $"category {category:00}";

    private static BoundingBox AnyBox(Random random)
    {
        int x = random.Next(Width - 200), y = random.Next(Height - 200);
        return new(x, y, x + 8 + random.Next(190), y + 8 + random.Next(190));
    }

    private static BoundingBox Moved(BoundingBox box, Random random)
    {
        int By(float side) => random.Next((int)side / 6 + 1);
        return new(box.X0 + By(box.Width), box.Y0 + By(box.Height), box.X1 - By(box.Width), box.Y1 - By(box.Height));
    }

    private static IEnumerable<double> Row(DetectionImage image, string category, double third, double fourth, BoundingBox box) =>
        [double.Parse(image.Id.ToString()), int.Parse(category.AsSpan(^2..)), third, fourth, box.X0, box.Y0, box.X1, box.Y1];
}
