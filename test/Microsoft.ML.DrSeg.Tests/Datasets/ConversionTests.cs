using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Scenes;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class ConversionTests
{
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    private string Source => Path.Combine(_pictures.Folder, "source");

    private string Target => Path.Combine(_pictures.Folder, "target");

    // What a row says, apart from ids and places of files. Empty masks of groups with a box only are kept by their box.
    private static string[] Told(SegmentationDataSet data) => [.. data.Read().Select(row =>
        $"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(RgbImage.Load(row.ImagePath).Pixels))[..8]} {row.Query} {row.Mask} {row.Traits.HasFlag(QueryTraits.Absent)} "
        + string.Join(';', row.Objects.Select(seen => $"{seen.Mask?.ToCompressedRunLengths()} {seen.Box} {seen.Traits & ObjectTraits.Group}").Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal)];

    [TestCase(DataSetLayout.Coco)]
    [TestCase(DataSetLayout.Lvis)]
    [TestCase(DataSetLayout.CocoPanoptic)]
    [TestCase(DataSetLayout.CocoStuff)]
    [TestCase(DataSetLayout.OpenImages)]
    [TestCase(DataSetLayout.RefCoco)]
    [TestCase(DataSetLayout.ReasonSeg)]
    [TestCase(DataSetLayout.Folder)]
    public void EveryLayoutReadsTheSameAsCoco(DataSetLayout layout)
    {
        ComposedSceneExport.Write(_pictures.Compose(SyntheticPictures.PlainColours with { MaxInstances = 3, GroupShare = 0.3 }), SceneSplit.Tune, 12, 9, Source, layout);
        SegmentationDataSet Open(string path) => DataSetFinder.Open(path, new() { IncludeAbsent = true });
        (int images, int annotations) = CocoConversion.Write(Open(Source), Target);
        SegmentationDataSet written = Open(Target);
        string[] expected = Told(Open(Source));
        // In COCO's own files every category that has no annotation is absent; label maps and panoptic ones do not say so.
        Assert.That(Told(written).Where(row => written.Layout == DataSetLayout.Lvis || expected.Contains(row) || !row.Contains(" True ")), Is.EqualTo(expected));
        Assert.That((images, annotations), Is.EqualTo((written.Read().Select(row => row.ImagePath).Distinct().Count(), written.Read().Sum(row => row.Objects.Count))));
        Assert.That(DataSetInspection.Of(written).ProblemCount, Is.Zero);
    }

    [Test]
    public void YoloBecomesCocoWithItsBackgrounds()
    {
        using var folder = new DataSetTestFolder();
        folder.Write("data.yaml", "names: [dog, cat]");
        folder.Image("train/images/a.png", 20, 10);
        folder.Image("train/images/b.png", 20, 10);
        folder.Write("train/labels/a.txt", "0 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6\n1 0.5 0.5 0.5 0.6\n");
        Assert.That(CocoConversion.Write(DataSetFinder.Open(folder.Path, new() { IncludeAbsent = true }), Target), Is.EqualTo((2, 2)));
        SegmentationDataSet written = DataSetFinder.Open(Target, new() { IncludeAbsent = true });
        Assert.That(written.Layout, Is.EqualTo(DataSetLayout.Coco));
        Assert.That(written.Read().Select(row => (row.Query, row.Traits, row.Mask.Area)), Is.EquivalentTo(new[]
        {
            ("dog", QueryTraits.None, 50L), ("cat", QueryTraits.PartlyMasked, 0L), ("dog", QueryTraits.Absent, 0L), ("cat", QueryTraits.Absent, 0L),
        }));
    }

    [Test]
    public void PicturesOfOneNameStayApart()
    {
        using var folder = new DataSetTestFolder();
        folder.Image("images/x/a.png", 4, 3);
        folder.Image("images/y/a.png", 5, 3);
        folder.Write("instances.json", """
            {"images": [{"id": 2, "file_name": "x/a.png", "width": 4, "height": 3}, {"id": "b", "file_name": "y/a.png", "width": 5, "height": 3}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 2, "category_id": 1, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]}, {"id": 2, "image_id": "b", "category_id": 1, "segmentation": [[0, 0, 3, 0, 3, 2, 0, 2]]}]}
            """);
        CocoConversion.Write(DataSetFinder.Open(folder.Path), Target);
        Assert.That(DataSetFinder.Open(Target).Read().Select(row => (row.ImageId, row.Mask.Area, RgbImage.Load(row.ImagePath).Width)), Is.EqualTo(new[] { ("2", 4L, 4), ("3", 6L, 5) }).Or.EqualTo(new[] { ("2", 4L, 4), ("1", 6L, 5) }));
    }

    [Test]
    public void WhatFailsLeavesNothingBehind()
    {
        using var folder = new DataSetTestFolder();
        folder.Image("images/a.png", 4, 3);
        folder.Mask("masks/a.png", SegmentationMask.Empty(5, 3));
        Assert.That(() => CocoConversion.Write(DataSetFinder.Open(folder.Path), Target), Throws.InstanceOf<InvalidDataException>());
        Assert.That(Directory.Exists(Target), Is.False);
        Assert.That(Directory.EnumerateDirectories(_pictures.Folder, "*.partial"), Is.Empty);
    }
}
