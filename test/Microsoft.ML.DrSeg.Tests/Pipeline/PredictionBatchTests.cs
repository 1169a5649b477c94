using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Rows that are answered together: the answers, columns and errors of rows that are answered one by one.</summary>
public class PredictionBatchTests
{
    private const int Rows = 10;

    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;
    private CountingSegmenter _segmenter = null!;
    private Numbered[] _rows = [];

    private sealed class Numbered
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        public string Query { get; set; } = "";

        public float Number { get; set; }

        [VectorType(4)]
        public float[] Box { get; set; } = [0, 0, TinyModel.Side, TinyModel.Side];
    }

    /// <summary>Remembers how many it was asked for together.</summary>
    private sealed class CountingSegmenter(IPromptableSegmenter inner) : IPromptableSegmenter
    {
        public List<int> Batches { get; } = [];

        public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts)
        {
            Batches.Add(prompts.Count);
            return inner.Segment(prompts);
        }

        public void Dispose() => inner.Dispose();
    }

    /// <summary>A source that shuffles where it is asked to.</summary>
    private sealed class ShufflingView(MLContext context, Numbered[] rows) : IDataView
    {
        private readonly IDataView _ordered = context.Data.LoadFromEnumerable(rows);

        public bool CanShuffle => true;

        public DataViewSchema Schema => _ordered.Schema;

        public long? GetRowCount() => rows.Length;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            context.Data.LoadFromEnumerable(rand is null ? rows : [.. rows.OrderBy(_ => rand.Next())]).GetRowCursor(columnsNeeded);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }

    // All of them answer, so that the segmenter is asked for as many masks as there are rows.
    [SetUp]
    public void MakeTheRows()
    {
        DrSegModel parts = TinyModel.Trained();
        _segmenter = new CountingSegmenter(new ThresholdSegmenter());
        _model = new DrSegModel(new TablePolicy(), _segmenter, parts.Confirmation);
        _rows = [.. TinyModel.Examples(Rows).Select(e => new Numbered { Image = e.Image.ToMLImage(), Query = e.Query, Number = e.Id })];
    }

    [TearDown]
    public void DisposeTheModel() => _model.Dispose();

    private GrpoSegmentationTransformer Answering(int batch, DrSegModel? by = null) => new(by ?? _model, new GrpoSegmentationTrainer.Options { PredictionBatchSize = batch });

    private LookToConfirmTransformer Looking(DrSegModel by, int batch) => _context.DrSeg()
        .LookToConfirm(new LookToConfirmEstimator.Options { Model = by, Threshold = 2, FirstLookAnswers = 3, PredictionBatchSize = batch }).Fit(View());

    private IDataView View() => _context.Data.LoadFromEnumerable(_rows);

    private List<(float Number, string Answer)> Answers(IDataView answered, Random? rand = null)
    {
        var found = new List<(float, string)>();
        using DataViewRowCursor cursor = answered.GetRowCursor([answered.Schema["Number"], answered.Schema["Answer"], answered.Schema["PredictedBox"]], rand);
        ValueGetter<float> number = cursor.GetGetter<float>(answered.Schema["Number"]);
        ValueGetter<ReadOnlyMemory<char>> answer = cursor.GetGetter<ReadOnlyMemory<char>>(answered.Schema["Answer"]);
        while (cursor.MoveNext())
        {
            float id = 0;
            ReadOnlyMemory<char> text = default;
            number(ref id);
            answer(ref text);
            found.Add((id, text.ToString()));
        }
        return found;
    }

    // 10 rows: whole batches, a rest, more than there are.
    [TestCase(1, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [TestCase(4, new[] { 4, 4, 2 })]
    [TestCase(5, new[] { 5, 5 })]
    [TestCase(64, new[] { 10 })]
    public void RowsAreAskedForTogether(int batch, int[] expected)
    {
        _ = Prediction.Of(_context, Answering(batch).Transform(View()));
        Assert.That(_segmenter.Batches, Is.EqualTo(expected));
    }

    [Test]
    public void AnswersAreThoseOfSingleRows()
    {
        using DrSegModel tiny = TinyModel.Trained();
        Prediction[] Predict(int batch)
        {
            IDataView answered = Answering(batch, tiny).Transform(View());
            return [.. Prediction.Of(_context, answered).Concat(Prediction.Of(_context, Looking(tiny, batch).Transform(View())))];
        }
        Prediction[] single = Predict(1);
        foreach (int batch in new[] { 3, 64 })
        {
            Prediction[] together = Predict(batch);
            Assert.That(together.Select(p => (p.Answer, p.SecondLook, p.Hypotheses)), Is.EqualTo(single.Select(p => (p.Answer, p.SecondLook, p.Hypotheses))));
            Assert.That(together.Select(p => p.PredictedMask), Is.EqualTo(single.Select(p => p.PredictedMask)));
            Assert.That(together.SelectMany(p => p.PredictedBox.Concat(p.PredictedPoint)), Is.EqualTo(single.SelectMany(p => p.PredictedBox.Concat(p.PredictedPoint))));
            Assert.That(together.SelectMany(p => p.ConfidenceMap.Concat([p.Score, p.Confidence])), Is.EqualTo(single.SelectMany(p => p.ConfidenceMap.Concat([p.Score, p.Confidence]))).Within(1e-4));
        }
        Assert.That(single.Select(p => p.PredictedMask.Area).Distinct().Count(), Is.GreaterThan(Rows / 2), "rows that answer alike would show nothing");
    }

    [Test]
    public void ColumnsOfTheRowItselfStayItsOwn()
    {
        string folder = Directory.CreateTempSubdirectory("drseg-test-").FullName;
        try
        {
            for (int i = 0; i < Rows; i++) _rows[i].Image!.Save(Path.Combine(folder, $"{_rows[i].Number}.png"));
            IDataView files = _context.Data.LoadFromEnumerable(_rows.Select(row => new File($"{row.Number}.png", row.Query)).ToArray());
            IDataView loaded = _context.Transforms.LoadImages("Image", folder, "Path").Fit(files).Transform(files);
            int row = 0;
            foreach (Loaded found in _context.Data.CreateEnumerable<Loaded>(Answering(4).Transform(loaded), reuseRowObject: false, ignoreMissingColumns: true))
            {
                Assert.That(found.Path, Is.EqualTo($"{_rows[row].Number}.png"));
                Assert.That(RgbImage.FromMLImage(found.Image).Pixels.ToArray(), Is.EqualTo(TinyModel.Example(row).Image.Pixels.ToArray()));
                Assert.That(found.PredictedMask, Is.EqualTo(ThresholdSegmenter.Bright(TinyModel.Example(row).Image, new BoundingBox(found.PredictedBox[0], found.PredictedBox[1], found.PredictedBox[2], found.PredictedBox[3]))));
                row++;
            }
            Assert.That(row, Is.EqualTo(Rows));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record File(string Path, string Query);

    private sealed class Loaded
    {
        public string Path { get; set; } = "";

        [AnyImageSize]
        public MLImage Image { get; set; } = null!;

        public float[] PredictedBox { get; set; } = [];

        [SegmentationMaskType]
        public SegmentationMask PredictedMask { get; set; } = null!;
    }

    [Test]
    public void NothingIsReadAheadBeforeAValueIs()
    {
        IDataView answered = Answering(4).Transform(View());
        _ = answered.GetColumn<float>("Number").ToArray();
        using DataViewRowCursor cursor = answered.GetRowCursor(answered.Schema);
        ValueGetter<float> score = cursor.GetGetter<float>(answered.Schema["Score"]);
        cursor.MoveNext();
        cursor.MoveNext();
        Assert.That(_segmenter.Batches, Is.Empty);
        float value = 0;
        score(ref value);
        score(ref value);
        Assert.That(_segmenter.Batches, Is.EqualTo(new[] { 4 }));
        // Rows 1 to 4 are known; 5 and 6 are passed over without being asked for.
        for (int row = 2; row <= 7; row++) cursor.MoveNext();
        score(ref value);
        Assert.That(_segmenter.Batches, Is.EqualTo(new[] { 4, 3 }));
    }

    [Test]
    public void FiltersShufflesAndCursorSetsKeepRowsAndAnswersTogether()
    {
        var single = Answers(Answering(1).Transform(View())).ToDictionary();
        GrpoSegmentationTransformer answering = Answering(3);
        Assert.That(Answers(answering.Transform(_context.Data.FilterRowsByColumn(View(), "Number", 2, 7))), Is.EqualTo(single.Where(pair => pair.Key is >= 2 and < 7).Select(pair => (pair.Key, pair.Value))));
        Assert.That(Answers(_context.Data.FilterRowsByColumn(answering.Transform(View()), "Number", 2, 7)), Is.EqualTo(single.Where(pair => pair.Key is >= 2 and < 7).Select(pair => (pair.Key, pair.Value))));
        Assert.That(Answers(_context.Data.TakeRows(_context.Data.SkipRows(answering.Transform(View()), 4), 3)).Select(found => found.Number), Is.EqualTo(new[] { 4f, 5, 6 }));

        List<(float Number, string Answer)> shuffled = Answers(answering.Transform(new ShufflingView(_context, _rows)), new Random(5));
        Assert.That(shuffled.Select(found => found.Number), Is.Not.Ordered);
        Assert.That(shuffled, Is.EquivalentTo(single.Select(pair => (pair.Key, pair.Value))));

        IDataView view = answering.Transform(View());
        DataViewRowCursor[] set = view.GetRowCursorSet(view.Schema, 3);
        Assert.That(set, Has.Length.EqualTo(1));
        set[0].Dispose();
    }

    [Test]
    public void ABadRowStopsNoneBeforeIt()
    {
        _rows[3].Query = "";
        IDataView answered = Answering(4).Transform(View());
        var seen = new List<float>();
        Assert.That(() =>
        {
            foreach (float score in answered.GetColumn<float>("Score")) seen.Add(score);
        }, Throws.InvalidOperationException.With.Message.Contains("Row 3").And.Message.Contains("'Query'"));
        Assert.That(seen, Has.Count.EqualTo(3));
        // Whoever passes it over has the rows behind it too; the one that comes next is answered with them.
        IDataView others = _context.Data.FilterByCustomPredicate<Number>(answered, row => row.Value == 3);
        Assert.That(others.GetColumn<float>("Score").Count(), Is.EqualTo(Rows - 1));
    }

    private sealed class Number
    {
        [ColumnName("Number")]
        public float Value { get; set; }
    }

    [Test]
    public void AViewThatChangesIsAnError()
    {
        int readings = 0;
        IEnumerable<Numbered> Fewer()
        {
            int count = readings++ == 0 ? Rows : 1;
            for (int i = 0; i < count; i++) yield return _rows[i];
        }
        IDataView answered = Answering(4).Transform(_context.Data.LoadFromEnumerable(Fewer()));
        Assert.That(() => Answers(answered), Throws.InvalidOperationException.With.Message.Contains("read a second time").And.Message.Contains("PredictionBatchSize"));
    }

    [Test]
    public void AnErrorOfTheSourceComesInItsTurn()
    {
        IEnumerable<Numbered> Broken()
        {
            for (int i = 0; i < 6; i++) yield return _rows[i];
            throw new InvalidDataException("the source broke");
        }
        IDataView answered = Answering(4).Transform(_context.Data.LoadFromEnumerable(Broken()));
        var seen = new List<float>();
        Assert.That(() =>
        {
            foreach (float score in answered.GetColumn<float>("Score")) seen.Add(score);
        }, Throws.TypeOf<InvalidDataException>().With.Message.Contains("the source broke"));
        Assert.That(seen, Has.Count.EqualTo(6));
    }

    [Test]
    public void NoMoreRowsThanABatchAreReadAhead()
    {
        int read = 0;
        IEnumerable<Numbered> MostlyBad()
        {
            for (int i = 0; i < 100; i++)
            {
                read++;
                yield return new Numbered { Image = i == 0 ? _rows[0].Image : null, Query = _rows[0].Query };
            }
        }
        IDataView answered = Answering(4).Transform(_context.Data.LoadFromEnumerable(MostlyBad()));
        using DataViewRowCursor cursor = answered.GetRowCursor([answered.Schema["Score"]]);
        ValueGetter<float> getter = cursor.GetGetter<float>(answered.Schema["Score"]);
        float score = 0;
        cursor.MoveNext();
        getter(ref score);
        Assert.That(read, Is.LessThanOrEqualTo(4 + 2), "four ahead, and what the source itself is ahead by");
        for (int row = 1; row < 7; row++)
        {
            cursor.MoveNext();
            Assert.That(() => getter(ref score), Throws.InvalidOperationException.With.Message.Contains($"Row {row} has no image"));
        }
    }

    [Test]
    public void WhatIsNotAskedForIsNotComputedTwice()
    {
        using DrSegModel tiny = TinyModel.Trained();
        var first = new CountingSegmenter(new ThresholdSegmenter());
        using var counted = new DrSegModel(tiny.Clone().Policy, first, tiny.Clone().Confirmation);
        IDataView answered = Answering(4, counted).Transform(View());
        IDataView again = _context.DrSeg().Segment(_segmenter, new PromptSegmentationEstimator.Options { BoxColumnName = "PredictedBox", PredictedMaskColumnName = "Other", PredictionBatchSize = 4 }).Fit(answered).Transform(answered);
        Assert.That(again.GetColumn<SegmentationMask>("Other").Count(), Is.EqualTo(Rows));
        Assert.That(first.Batches.Sum(), Is.LessThanOrEqualTo(Rows));
    }

    [Test]
    public void BoxesAreSegmentedTogether()
    {
        _rows[1].Box = [5, 5, 5, 9];
        SegmentationMask[] Masks(int batch) => [.. _context.DrSeg().Segment(_segmenter, new PromptSegmentationEstimator.Options { PredictionBatchSize = batch })
            .Fit(View()).Transform(View()).GetColumn<SegmentationMask>("PredictedMask")];
        SegmentationMask[] single = Masks(1);
        _segmenter.Batches.Clear();
        Assert.That(Masks(4), Is.EqualTo(single));
        Assert.That(_segmenter.Batches, Is.EqualTo(new[] { 3, 4, 2 }), "an empty box is not asked about");
        Assert.That(single[1].Area, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(4097)]
    public void SizesThatAreNoneAreErrors(int size)
    {
        Assert.That(() => Answering(size), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("PredictionBatchSize must be 1 to 4,096"));
        Assert.That(() => _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { PredictionBatchSize = size }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _context.DrSeg().Segment(_segmenter, new PromptSegmentationEstimator.Options { PredictionBatchSize = size }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TheSizeIsSavedWithTheStep()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{nameof(TheSizeIsSavedWithTheStep)}.drseg");
        using DrSegModel tiny = TinyModel.Trained();
        Answering(7, tiny).SaveDrSeg(path);
        using (TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(path))
            loaded.SaveDrSeg(path);
        using ZipArchive saved = ZipFile.OpenRead(path);
        using var steps = JsonDocument.Parse(saved.GetEntry("pipeline.json")!.Open());
        Assert.That(steps.RootElement.ToString(), Does.Match("\"PredictionBatchSize\":\\s*7"));
    }
}
