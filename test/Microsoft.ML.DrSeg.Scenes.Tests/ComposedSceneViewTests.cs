using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Scenes.Tests;

public class ComposedSceneViewTests
{
    private SyntheticPictures _pictures = null!;
    private SceneComposer _composer = null!;
    private readonly DrSegDataCatalog _catalog = new(new MLContext());

    private sealed class Row
    {
        [ImageType(96, 96)]
        public MLImage Image { get; set; } = null!;

        public string Query { get; set; } = null!;

        [SegmentationMaskType]
        public SegmentationMask Mask { get; set; } = null!;

        [SegmentationMaskListType]
        public SegmentationMaskList Masks { get; set; } = new([]);
    }

    [SetUp]
    public void MakePictures()
    {
        _pictures = new();
        _composer = _pictures.Compose(SyntheticPictures.PlainColours);
    }

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    [Test]
    public void RowsAreTheQueriesOfTheSeries()
    {
        var view = _catalog.ComposedScenes(_composer, SceneSplit.Test, 6, seed: 3);
        var queries = new SceneQueries(_composer, SceneSplit.Test, 3);
        Assert.That(view.GetRowCount(), Is.EqualTo(6));
        // An image is disposed when the next row is read.
        var rows = new MLContext().Data.CreateEnumerable<Row>(view, reuseRowObject: false).Select(row => (RgbImage.FromMLImage(row.Image).Pixels, row.Query, row.Mask)).ToArray();
        Assert.That(rows, Has.Length.EqualTo(6));
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.That(rows[i].Pixels, Is.EqualTo(queries[i].Scene.Image.Pixels));
            Assert.That(rows[i].Query, Is.EqualTo(queries[i].Target!.Noun));
            Assert.That(rows[i].Mask, Is.EqualTo(queries[i].Mask));
        }
    }

    [Test]
    public void RowsHoldEveryObjectAndNoneWhereTheThingIsAbsent()
    {
        SceneComposer composer = _pictures.Compose(SyntheticPictures.PlainColours with { MaxInstances = 3, AbsentShare = 0.5 });
        var queries = new SceneQueries(composer, SceneSplit.Test, 3);
        var rows = new MLContext().Data.CreateEnumerable<Row>(_catalog.ComposedScenes(composer, SceneSplit.Test, 40, seed: 3), reuseRowObject: false)
            .Select(row => (row.Query, row.Mask, Objects: row.Masks.ToArray())).ToArray();
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.That((rows[i].Query, rows[i].Mask), Is.EqualTo((queries[i].Text, queries[i].Mask)));
            Assert.That(rows[i].Objects, Is.EqualTo(queries[i].Objects));
        }
        Assert.That(rows.Select(row => Math.Min(row.Objects.Length, 2)).Distinct(), Is.EquivalentTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void AViewOfMoreScenesThanCouldBeComposedOpensAtOnceAndReadsItsFirstRows()
    {
        var context = new MLContext();
        var view = context.Data.TakeRows(_catalog.ComposedScenes(_composer, SceneSplit.Train, long.MaxValue - 1), 3);
        Assert.That(context.Data.CreateEnumerable<Row>(view, reuseRowObject: false).Select(row => row.Query), Has.Exactly(3).AnyOf(SyntheticPictures.Nouns));
    }

    [Test]
    public void MasksTravelThroughRowsOfOnesOwn()
    {
        var context = new MLContext();
        var mask = SegmentationMask.FromBox(new(1, 2, 5, 7), 96, 96);
        using var image = new RgbImage(96, 96).ToMLImage();
        var view = context.Data.LoadFromEnumerable([new Row { Image = image, Query = "thing", Mask = mask }]);
        Assert.That(view.Schema["Mask"].Type, Is.EqualTo(SegmentationMaskDataViewType.Instance));
        Assert.That(context.Data.CreateEnumerable<Row>(view, reuseRowObject: false).Single().Mask, Is.EqualTo(mask));
    }

    [Test]
    public void ACursorReadsOnlyWhatWasAskedForOnlyOnARowAndOnlyAsItsType()
    {
        var view = _catalog.ComposedScenes(_composer, SceneSplit.Train, 1);
        using var cursor = view.GetRowCursor([view.Schema["Mask"]]);
        Assert.That(() => cursor.GetGetter<MLImage>(view.Schema["Image"]), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Image"));
        Assert.That(() => cursor.GetGetter<MLImage>(view.Schema["Mask"]), Throws.InvalidOperationException.With.Message.Contains("Mask"));
        var getter = cursor.GetGetter<SegmentationMask>(view.Schema["Mask"]);
        SegmentationMask mask = null!;
        Assert.That(() => getter(ref mask), Throws.InvalidOperationException.With.Message.Contains("MoveNext"));
        Assert.That(cursor.Position, Is.EqualTo(-1));
        Assert.That(cursor.MoveNext(), Is.True);
        Assert.That(cursor.Position, Is.Zero);
        getter(ref mask);
        Assert.That(mask.Area, Is.Positive);
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(() => getter(ref mask), Throws.InvalidOperationException);
    }

    [Test]
    public void FoldersAreNamedInErrorsBeforeAnyRowIsRead()
    {
        Assert.That(() => _catalog.ComposedScenes(Path.Combine(_pictures.Folder, "none"), _pictures.Backgrounds, SceneSplit.Train, 1),
            Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("none"));
        Assert.That(() => _catalog.ComposedScenes(_composer, SceneSplit.Train, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
