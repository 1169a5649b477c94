using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class DataSetQueriesTests
{
    private static readonly QueryVocabulary Vocabulary = new(["dog", "cat"]);
    private DataSetTestFolder _folder = null!;

    // Image 1 has one dog and two cats, image 2 a crowd of dogs, a cow and a cat.
    [SetUp]
    public void WriteDataSet()
    {
        _folder = new DataSetTestFolder();
        _folder.Image("images/1.png", 4, 3);
        _folder.Image("images/2.png", 5, 2);
        _folder.Write("instances.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 4, "height": 3}, {"id": 2, "file_name": "2.png", "width": 5, "height": 2}],
             "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}, {"id": 3, "name": "cow"}],
             "annotations": [
              {"id": 1, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [3, 2, 7]}},
              {"id": 2, "image_id": 1, "category_id": 2, "segmentation": {"size": [3, 4], "counts": [0, 1, 11]}},
              {"id": 3, "image_id": 1, "category_id": 2, "segmentation": {"size": [3, 4], "counts": [9, 1, 2]}},
              {"id": 4, "image_id": 2, "category_id": 1, "segmentation": {"size": [2, 5], "counts": [0, 4, 6]}, "iscrowd": 1},
              {"id": 5, "image_id": 2, "category_id": 3, "segmentation": {"size": [2, 5], "counts": [4, 2, 4]}},
              {"id": 6, "image_id": 2, "category_id": 2, "segmentation": {"size": [2, 5], "counts": [6, 4]}}]}
            """);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void WhatIsAskedHasOneObjectForAnAnswerAndAKnownName()
    {
        (Func<long, SegmentationExample> examples, int count) = new DataSetQueries(_folder.Path, Vocabulary).Examples();
        SegmentationExample[] all = [.. Enumerable.Range(0, count).Select(i => examples(i))];
        Assert.That(all.Select(e => (e.Query, e.Image.Width, e.Mask.Area, e.Id)), Is.EqualTo(new[] { ("dog", 4, 2L, 0L), ("cat", 5, 4L, 1L) }));
    }

    [Test]
    public void TheViewHoldsTheSameRowsInEveryPass()
    {
        IDataView view = new DataSetQueries(_folder.Path, Vocabulary).View();
        for (int pass = 0; pass < 2; pass++)
        {
            Assert.That(view.GetColumn<string>("Query"), Is.EqualTo(new[] { "dog", "cat" }));
            Assert.That(view.GetColumn<MLImage>("Image").Select(image => image.Width), Is.EqualTo(new[] { 4, 5 }));
            Assert.That(view.GetColumn<SegmentationMask>("Mask").Select(mask => mask.Area), Is.EqualTo(new[] { 2, 4 }));
        }
    }

    [Test]
    public void NothingToAskIsAnErrorThatNamesTheNouns() =>
        Assert.That(() => new DataSetQueries(_folder.Path, new QueryVocabulary(["bear", "kite"])),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("bear, kite"));

    [Test]
    public void ADamagedRowIsAnErrorOrLeftOutAndNoted()
    {
        string annotations = File.ReadAllText(_folder["instances.json"]).Replace("[3, 2, 7]", "[3, 2, 8]", StringComparison.Ordinal);
        _folder.Write("instances.json", annotations);
        Assert.That(() => new DataSetQueries(_folder.Path, Vocabulary), Throws.TypeOf<InvalidDataException>());
        var skipped = new SkippedRows();
        Assert.That(new DataSetQueries(_folder.Path, Vocabulary, skipped).Examples().Count, Is.EqualTo(1));
        Assert.That(skipped.Count, Is.EqualTo(1));
    }
}
