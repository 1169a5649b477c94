using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>
/// The figures that the rules of the benchmarks' own tools gave for the detections of <see cref="RandomDetections"/>, seed 1:
/// matching and accumulation of pycocotools' cocoeval.py, of the LVIS API's eval.py and of TensorFlow's
/// per_image_evaluation.py, followed line by line in Python with numpy; overlaps counted pixel by pixel. Among ties,
/// TensorFlow's order is by chance; there that of images by id, and within an image that of the detections, was taken.
/// </summary>
public class ReferenceToolTests
{
    private DetectionImage[] _images = [];

    [OneTimeSetUp]
    public void MakeDetections() => _images = RandomDetections.Of(ReferenceData.PathTo("coco-val100", "instances.json"), seed: 1);

    [TestCase(DetectionOverlap.Masks, 100, 0.292346540861252, 0.418343861694743, 0.359730223118720, 0.375684100559000, 0.333043084380648, 0.414920293434159)]
    [TestCase(DetectionOverlap.Boxes, 100, 0.284976099572516, 0.418458178804567, 0.352990423868616, 0.389065606934320, 0.321234476752640, 0.391708688013959)]
    [TestCase(DetectionOverlap.Masks, 3, 0.263167396519865, 0.377001054579182, 0.323356753747219, 0.317894813223612, 0.297510695318910, 0.404846433837076)]
    public void Coco(DetectionOverlap overlap, int limit, params double[] figures)
    {
        var metrics = Scene.Score(new() { Overlap = overlap, MaximumDetections = limit }, _images);
        Assert.That(Figures(metrics)[..6], Is.EqualTo(figures).Within(1e-12));
    }

    // The last three are those of rare, common and frequent categories.
    [TestCase(DetectionOverlap.Masks, 20, 0.400214665847572, 0.557214380159730, 0.498356407168476, 0.418945197748706, 0.422294801599626, 0.462237257616820, 0.385623727140544, 0.379338930809225, 0.438131009540065)]
    [TestCase(DetectionOverlap.Boxes, 300, 0.410858838565338, 0.581294611066660, 0.514368556166055, 0.441877585537136, 0.461816795790972, 0.460043612002634, 0.394865299029903, 0.398665606179882, 0.440801262847373)]
    public void Lvis(DetectionOverlap overlap, int limit, params double[] figures)
    {
        var settings = new DetectionSettings
        {
            Protocol = DetectionProtocol.Lvis, Overlap = overlap, MaximumDetections = limit, Frequencies = RandomDetections.Frequencies(_images),
        };
        Assert.That(Figures(Scene.Score(settings, _images)), Is.EqualTo(figures).Within(1e-12));
    }

    [TestCase(true, 0.559535110130811)]
    [TestCase(false, 0.549957217895357)]
    public void OpenImages(bool groupsCount, double figure)
    {
        var metrics = Scene.Score(new() { Protocol = DetectionProtocol.OpenImages, GroupsCount = groupsCount }, _images);
        Assert.That(metrics.AveragePrecision50, Is.EqualTo(figure).Within(1e-12));
    }

    private static double?[] Figures(DetectionMetrics metrics) =>
    [
        metrics.AveragePrecision, metrics.AveragePrecision50, metrics.AveragePrecision75,
        metrics.SmallAveragePrecision, metrics.MediumAveragePrecision, metrics.LargeAveragePrecision,
        metrics.RareAveragePrecision, metrics.CommonAveragePrecision, metrics.FrequentAveragePrecision,
    ];
}
