using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

/// <summary>A hundred photographs of COCO with instances, panoptic segments and label maps, where the folder is given.</summary>
public class CocoPhotographTests
{
    private string _folder = "";

    [OneTimeSetUp]
    public void FindFolder() => _folder = ReferenceData.PathTo("coco-val100");

    private SegmentationDataSet Open(DataSetLayout layout) => DataSetFinder.Open(_folder, layout: layout);

    [Test]
    public void InstancesAreReadWithoutLoss()
    {
        AnnotatedQuery[] rows = [.. Open(DataSetLayout.Coco).Read()];
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "instances.json")));
        var annotations = json.RootElement.GetProperty("annotations").EnumerateArray().ToDictionary(one => one.GetProperty("id").GetRawText());
        Assert.That(rows.Sum(row => row.Objects.Count), Is.EqualTo(712));
        Assert.That(rows.Select(row => row.Category.Id).Distinct().Count(), Is.EqualTo(72));
        foreach (AnnotatedQuery row in rows)
        {
            Assert.That(File.Exists(row.ImagePath), Is.True);
            foreach (AnnotatedObject seen in row.Objects)
            {
                Assert.That(annotations.Remove(seen.Id, out JsonElement annotation), Is.True);
                Assert.That((row.ImageId, row.Category.Id, seen.Area), Is.EqualTo((annotation.GetProperty("image_id").GetRawText(), annotation.GetProperty("category_id").GetRawText(), annotation.GetProperty("area").GetDouble())));
                Assert.That(seen.Mask!.Area, Is.Positive);
            }
        }
        Assert.That(annotations, Is.Empty);
    }

    [Test]
    public void PanopticSegmentsHaveTheAreasAndBoxesThatAreListed()
    {
        AnnotatedQuery[] rows = [.. Open(DataSetLayout.CocoPanoptic).Read()];
        Assert.That(rows.Sum(row => row.Objects.Count), Is.EqualTo(1078));
        Assert.That(rows.SelectMany(row => row.Objects).Count(seen => seen.Traits == ObjectTraits.Group), Is.EqualTo(5));
        foreach (AnnotatedObject seen in rows.SelectMany(row => row.Objects))
        {
            Assert.That(seen.Mask!.Area, Is.EqualTo(seen.Area));
            Assert.That(seen.Mask.Box, Is.EqualTo(seen.Box));
        }
    }

    [Test]
    public void LabelMapsAreThePanopticMapsPixelForPixel()
    {
        var labels = Open(DataSetLayout.CocoStuff).Read().ToDictionary(row => (Path.GetFileName(row.ImagePath), row.Category.Id), row => row.Mask);
        AnnotatedQuery[] panoptic = [.. Open(DataSetLayout.CocoPanoptic).Read()];
        foreach (AnnotatedQuery row in panoptic)
            Assert.That(labels.Remove((Path.GetFileName(row.ImagePath), row.Category.Id), out SegmentationMask? mask) && mask.Equals(row.Mask), Is.True, $"{row.ImageId} {row.Query}");
        Assert.That(labels, Is.Empty);
    }

    // The polygons run through the centres of the outermost pixels, and a pixel on a line to the right or below is outside:
    // they lose half a pixel all around. docs/results/data-coco.md has the distribution and the misfits.
    [Test]
    public void PolygonsAgreeWithThePanopticSegmentsOfTheSameObjects()
    {
        double[] agreement = [.. PolygonAgreement.Measure(_folder).Select(one => one.IntersectionOverUnion).Order()];
        Assert.That(agreement, Has.Length.EqualTo(712));
        Assert.That(agreement[712 / 2], Is.GreaterThan(0.9));
        TestContext.Out.WriteLine(PolygonAgreement.Describe(_folder));
    }
}
