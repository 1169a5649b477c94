using Microsoft.ML.DrSeg.Data;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Data;

public class PolygonTests
{
    [Test]
    public void ARectangleOnPixelEdgesIsItsPixels() =>
        Assert.That(
            SegmentationMask.FromPolygons([[2, 1, 5, 1, 5, 4, 2, 4]], 8, 6),
            Is.EqualTo(SegmentationMask.FromBox(new BoundingBox(2, 1, 5, 4), 8, 6)));

    [Test]
    public void APixelBelongsWhenItsCentreDoes()
    {
        // The triangle (0,0) (4,0) (0,4) holds the centres (x+.5, y+.5) with x + y + 1 < 4.
        SegmentationMask mask = SegmentationMask.FromPolygons([[0, 0, 4, 0, 0, 4]], 5, 5);
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 5; x++)
                Assert.That(mask[x, y], Is.EqualTo(x + y + 1 < 4), $"({x}, {y})");
    }

    [Test]
    public void PartsAreUnitedAndABowTieHasNoMiddle()
    {
        SegmentationMask two = SegmentationMask.FromPolygons([[0, 0, 2, 0, 2, 2, 0, 2], [1, 1, 3, 1, 3, 3, 1, 3]], 4, 4);
        Assert.That(two.Area, Is.EqualTo(7));
        // The outline winds twice around the inner square: even-odd leaves it out.
        SegmentationMask ring = SegmentationMask.FromPolygons([[0, 0, 6, 0, 6, 6, 0, 6, 0, 0, 2, 2, 4, 2, 4, 4, 2, 4, 2, 2]], 6, 6);
        Assert.That(ring[3, 3], Is.False);
        Assert.That(ring.Area, Is.EqualTo(32));
    }

    [Test]
    public void WhatLiesOutsideTheImageIsCutOff() =>
        Assert.That(SegmentationMask.FromPolygons([[-5, -5, 20, -5, 20, 20, -5, 20]], 3, 2).Area, Is.EqualTo(6));

    [TestCase(new double[] { 0, 0, 1, 1 })]
    [TestCase(new double[] { 0, 0, 1, 1, 2 })]
    [TestCase(new double[] { 0, 0, 1, 1, double.NaN, 2 })]
    public void ThreeFiniteCornersAreWanted(double[] polygon) =>
        Assert.That(() => SegmentationMask.FromPolygons([polygon], 3, 3), Throws.ArgumentException);

    [Test]
    public void TheAreasOfRealAnnotationsAreMet()
    {
        string? root = Environment.GetEnvironmentVariable("DRSEG_TEST_DATA");
        if (root is null) Assert.Ignore("DRSEG_TEST_DATA is not set.");
        string folder = Path.Combine(root!, "coco-val100");
        IReadOnlyList<SegmentationExample> examples = CocoInstances.SingleInstances(folder, ["truck", "car", "dog", "bear"]);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "instances.json")));
        Dictionary<long, double> areas = json.RootElement.GetProperty("annotations").EnumerateArray()
            .ToDictionary(a => a.GetProperty("id").GetInt64(), a => a.GetProperty("area").GetDouble());
        Assert.That(examples, Has.Count.EqualTo(12));
        foreach (SegmentationExample example in examples)
            // The annotated areas count pixels by another rounding: they differ by part of the outline.
            Assert.That(example.Mask.Area, Is.EqualTo(areas[example.Id]).Within(0.1 * areas[example.Id] + 20), $"annotation {example.Id}");
    }
}
