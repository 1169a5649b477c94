using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class MaskColumnTests
{
    private sealed class Row
    {
        public string? Query { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    [Test]
    public void MasksGoIntoAViewAndOutOfIt()
    {
        var mlContext = new MLContext();
        SegmentationMask[] masks = [SegmentationMask.FromBox(new(1, 1, 3, 4), 5, 6), SegmentationMask.Empty(2, 2)];
        IDataView view = mlContext.Data.LoadFromEnumerable(masks.Select((mask, i) => new Row { Query = $"query {i}", Mask = mask }));
        Assert.That(view.Schema["Mask"].Type, Is.EqualTo(SegmentationMaskDataViewType.Instance));
        Row[] rows = [.. mlContext.Data.CreateEnumerable<Row>(view, reuseRowObject: false)];
        Assert.That(rows.Select(row => row.Mask), Is.EqualTo(masks));
        Assert.That(rows[1].Query, Is.EqualTo("query 1"));
    }

    [Test]
    public void ViewsOfMasksCanBeFiltered()
    {
        var mlContext = new MLContext();
        IDataView view = mlContext.Data.LoadFromEnumerable(Enumerable.Range(1, 9).Select(i => new Row { Query = "box", Mask = SegmentationMask.FromBox(new(0, 0, i, 1), 9, 1) }));
        IDataView few = mlContext.Data.TakeRows(mlContext.Data.SkipRows(view, 2), 3);
        Assert.That(mlContext.Data.CreateEnumerable<Row>(few, false).Select(row => row.Mask!.Area), Is.EqualTo(new[] { 3, 4, 5 }));
        IDataView sample = mlContext.Data.TrainTestSplit(view, testFraction: 0.5, seed: 1).TestSet;
        Assert.That(mlContext.Data.CreateEnumerable<Row>(sample, false).Select(row => row.Mask!.Area), Is.Not.Empty.And.Unique.And.SubsetOf(Enumerable.Range(1, 9)));
    }
}
