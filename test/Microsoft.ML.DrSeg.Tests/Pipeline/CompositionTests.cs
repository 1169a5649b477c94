using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Steps of Dr. Seg among those of ML.NET: what is computed when, by how many, and what is said before any work is done.</summary>
public class CompositionTests
{
    private const int Rows = 8;

    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;
    private ThresholdSegmenter _segmenter = null!;
    private IDataView _rows = null!;
    private GrpoSegmentationTransformer _answering = null!;
    private LookToConfirmTransformer _looking = null!;

    private sealed class Numbered
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        public string Query { get; set; } = "";

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        public float Number { get; set; }
    }

    private sealed class Area
    {
        [SegmentationMaskType]
        public SegmentationMask PredictedMask { get; set; } = null!;
    }

    private sealed class AreaFound
    {
        public float MaskArea { get; set; }
    }

    /// <summary>The tiny model's policy with a segmenter that counts: one call a row that is computed.</summary>
    [SetUp]
    public void MakeThePipeline()
    {
        DrSegModel parts = TinyModel.Trained();
        _segmenter = new ThresholdSegmenter();
        _model = new DrSegModel(parts.Policy, _segmenter, parts.Confirmation);
        _rows = _context.Data.LoadFromEnumerable(TinyModel.Examples(Rows).Select(e => new Numbered { Image = e.Image.ToMLImage(), Query = e.Query, Mask = e.Mask, Number = e.Id }).ToArray());
        _answering = new GrpoSegmentationTransformer(_model);
        _looking = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _model, Threshold = 0, FirstLookAnswers = 2 }).Fit(_rows);
    }

    [TearDown]
    public void DisposeThePipeline() => _answering.Dispose();

    [Test]
    public void OnlyWhatIsAskedForIsComputed()
    {
        // What is said at first under a name of its own: Look-to-Confirm hides the usual one.
        var answering = new GrpoSegmentationTransformer(_model, new() { AnswerColumnName = "Said" });
        IDataView answered = answering.Append(_looking).Transform(_rows);
        _ = answered.GetColumn<string>("Query").ToArray();
        Assert.That(_segmenter.Asked, Is.Zero, "columns that were there before");
        string[] answers = [.. answered.GetColumn<string>("Said")];
        Assert.That(_segmenter.Asked, Is.EqualTo(answers.Count(answer => !answer.StartsWith("no answer", StringComparison.Ordinal))).And.Positive, "one answer a row, Look-to-Confirm not asked");
        int before = _segmenter.Asked;
        using (DataViewRowCursor cursor = answered.GetRowCursor([answered.Schema["Score"], answered.Schema["Answer"], answered.Schema["PredictedBox"]]))
        {
            Assert.That(_segmenter.Asked, Is.EqualTo(before), "nothing before a row is read");
            cursor.MoveNext();
        }
        Assert.That(_segmenter.Asked, Is.EqualTo(before), "nothing before a value is read");
    }

    [Test]
    public void AllColumnsOfARowShareOneAnswer()
    {
        _ = Prediction.Of(_context, _answering.Transform(_rows));
        Assert.That(_segmenter.Asked, Is.AtMost(Rows), "though mask, box, point, text and score were read");
    }

    [Test]
    public void FiltersAndSplitsChangeNoAnswer()
    {
        Dictionary<float, string> Answers(IDataView view)
        {
            IDataView answered = _answering.Append(_looking).Transform(view);
            return answered.GetColumn<float>("Number").Zip(Prediction.Of(_context, answered), (number, prediction) => (number, prediction.ToString())).ToDictionary();
        }
        Dictionary<float, string> all = Answers(_rows);
        var split = _context.Data.TrainTestSplit(_rows, testFraction: 0.4, seed: 3);
        IDataView[] views =
        [
            _context.Data.FilterRowsByColumn(_rows, "Number", 2, 6), _context.Data.TakeRows(_rows, 3), _context.Data.SkipRows(_rows, 5),
            split.TrainSet, split.TestSet,
        ];
        foreach (IDataView view in views)
        {
            Dictionary<float, string> found = Answers(view);
            Assert.That(found, Is.Not.Empty.And.SubsetOf(all));
        }
        Assert.That(Answers(split.TrainSet).Count + Answers(split.TestSet).Count, Is.EqualTo(Rows));
    }

    [Test]
    public void ACacheAfterAStepKeepsItsNumbersAndTextsOnly()
    {
        IDataView answered = _answering.Transform(_rows), cached = _context.Data.Cache(answered);
        float[] expected = [.. answered.GetColumn<float>("Score")];
        Assert.That(cached.GetColumn<float>("Score"), Is.EqualTo(expected));
        int before = _segmenter.Asked;
        Assert.That(cached.GetColumn<float>("Score"), Is.EqualTo(expected));
        Assert.That(_segmenter.Asked, Is.EqualTo(before), "kept");
        Assert.That(cached.Schema.Select(column => column.Name), Is.SupersetOf(new[] { "Query", "PredictedBox", "Answer" }).And.No.Member("Image").And.No.Member("PredictedMask"));
        Assert.That(() => _answering.Transform(_context.Data.ShuffleRows(_rows)), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("no column 'Image'"));
    }

    [Test]
    public void StepsOfMLNetFollow()
    {
        IDataView view = _answering.Transform(_rows);
        var after = _context.Transforms.CopyColumns("Kept", "PredictedMask")
            .Append(_context.Transforms.CustomMapping<Area, AreaFound>((row, found) => found.MaskArea = row.PredictedMask.Area, null))
            .Append(_context.Transforms.Concatenate("Numbers", "PredictedBox", "Score", "MaskArea"))
            .Append(_context.Transforms.DropColumns("Answer")).Fit(view).Transform(view);
        Assert.That(after.Schema["Numbers"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 6)));
        Assert.That(after.Schema.GetColumnOrNull("Answer"), Is.Null);
        Assert.That(after.GetColumn<float[]>("Numbers").Select(numbers => (long)numbers[5]), Is.EqualTo(after.GetColumn<SegmentationMask>("Kept").Select(mask => mask.Area)));
        DataDebuggerPreview preview = after.Preview(maxRows: 2);
        Assert.That(preview.RowView, Has.Length.EqualTo(2));
        Assert.That(preview.RowView[0].Values.Single(value => value.Key == "Kept").Value, Is.InstanceOf<SegmentationMask>());
    }

    [Test]
    public void ManyCursorsReadOneTransformer()
    {
        IDataView view = _answering.Append(_looking).Transform(_rows);
        string[] alone = [.. Prediction.Of(_context, view).Select(prediction => prediction.ToString())];
        var together = new string[4][];
        Parallel.For(0, together.Length, i => together[i] = [.. Prediction.Of(_context, view).Select(prediction => prediction.ToString())]);
        Assert.That(together, Has.All.EqualTo(alone));
        DataViewRowCursor[] set = view.GetRowCursorSet(view.Schema, 3);
        Assert.That(set, Is.Not.Empty);
        var scores = new System.Collections.Concurrent.ConcurrentBag<float>();
        Parallel.ForEach(set, cursor =>
        {
            using (cursor)
            {
                ValueGetter<float> score = cursor.GetGetter<float>(view.Schema["Score"]);
                float value = 0;
                while (cursor.MoveNext())
                {
                    score(ref value);
                    scores.Add(value);
                }
            }
        });
        Assert.That(scores, Is.EquivalentTo(view.GetColumn<float>("Score")));
    }

    /// <summary>A step after which others follow, with the steps that its columns need before it.</summary>
    private IEstimator<ITransformer>[][] Chains()
    {
        DrSegCatalog catalog = _context.DrSeg();
        var grpo = catalog.Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options { BaseModel = _model, Training = new() { Steps = 1, Sampling = new() { QueriesPerStep = 1, GroupSize = 2 } } });
        LookToConfirmEstimator look = catalog.LookToConfirm(new LookToConfirmEstimator.Options { Threshold = 0 });
        LookToConfirmEstimator given = catalog.LookToConfirm(new LookToConfirmEstimator.Options { Threshold = 0, Model = _model });
        OriginalPixelsEstimator back = catalog.ToOriginalPixels("Image", Transforms.Image.ImageResizingEstimator.ResizingKind.Fill);
        PromptSegmentationEstimator segment = catalog.Segment(_segmenter, boxColumnName: "PredictedBox");
        return [[grpo], [given], [grpo, look], [grpo, look, look], [grpo, back, look], [grpo, segment, look, back], [given, back, look], [given, segment, look]];
    }

    [Test]
    public void ShapesAreThoseOfTheSchemas()
    {
        static string[] Told(SchemaShape shape) =>
            [.. shape.Select(column => $"{column.Name}: {column.Kind} of {column.ItemType.RawType.Name}, {string.Join(" ", column.Annotations.Select(annotation => annotation.Name).Order(StringComparer.Ordinal))}")];
        foreach (IEstimator<ITransformer>[] chain in Chains())
        {
            SchemaShape shape = Shapes.Of(_rows.Schema);
            IDataView view = _rows;
            foreach (IEstimator<ITransformer> step in chain)
            {
                shape = step.GetOutputSchema(shape);
                view = step.Fit(view).Transform(view);
                Assert.That(Told(shape), Is.EquivalentTo(Told(Shapes.Of(view.Schema))), step.GetType().Name);
            }
        }
    }

    [Test]
    public void AModelIsHandedOnThroughEveryStep()
    {
        foreach (IEstimator<ITransformer>[] steps in Chains())
        {
            var chain = new EstimatorChain<ITransformer>();
            foreach (IEstimator<ITransformer> step in steps) chain = chain.Append(step);
            using TransformerChain<ITransformer> fitted = chain.Fit(_rows);
            Assert.That(ModelAnnotation.Find(fitted.GetOutputSchema(_rows.Schema)), Is.SameAs(steps[0] is LookToConfirmEstimator ? _model : ((GrpoSegmentationTransformer)fitted.First()).Model));
        }
    }

    [Test]
    public void SlotsHaveNames()
    {
        DataViewSchema schema = _answering.Append(_looking).GetOutputSchema(_rows.Schema);
        string[] Slots(string column)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema[column].GetSlotNames(ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
        Assert.That(Slots("PredictedBox"), Is.EqualTo(new[] { "X0", "Y0", "X1", "Y1" }));
        Assert.That(Slots("ConfidenceRegion"), Is.EqualTo(new[] { "X0", "Y0", "X1", "Y1" }));
        Assert.That(Slots("PredictedPoint"), Is.EqualTo(new[] { "X", "Y" }));
    }

    [Test]
    public void SchemasAreKnownBeforeAnyRowIs()
    {
        SchemaShape shape = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _model }).GetOutputSchema(Shapes.Of(_rows.Schema));
        DataViewSchema schema = _looking.GetOutputSchema(_rows.Schema);
        foreach (SchemaShape.Column column in shape)
        {
            Assert.That(schema.GetColumnOrNull(column.Name), Is.Not.Null, column.Name);
            DataViewType type = schema[column.Name].Type;
            Assert.That(column.ItemType.RawType, Is.EqualTo(type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType), column.Name);
            Assert.That(column.Kind, Is.EqualTo(type is VectorDataViewType ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.Scalar), column.Name);
        }
        int side = _model.Confirmation.MapSide;
        Assert.That(schema["ConfidenceMap"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, side, side)));
        Assert.That(_answering.GetOutputSchema(_rows.Schema)["PredictedPoint"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 2)));
        Assert.That(_segmenter.Asked, Is.Zero);
    }

    [Test]
    public void ADisposedModelSaysSo()
    {
        IDataView answered = _answering.Append(_looking).Transform(_rows);
        _answering.Dispose();
        _answering.Dispose();
        foreach (string column in new[] { "Score", "Confidence" })
            Assert.That(() => answered.Preview(maxRows: 1).ColumnView.Single(found => found.Column.Name == column), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("read it before"));
        Assert.That(() => _answering.SaveDrSeg(Path.Combine(TestContext.CurrentContext.WorkDirectory, "disposed.drseg")), Throws.TypeOf<ObjectDisposedException>().Or.TypeOf<NotSupportedException>());
    }

    // A column that is not there, and one that holds something else, for every step; nothing has been computed by then.
    [TestCase("Nope", "no column 'Nope'")]
    [TestCase("Number", "must hold")]
    public void ColumnsThatDoNotFitAreFoundFirst(string name, string said)
    {
        DrSegCatalog catalog = _context.DrSeg();
        (string Expected, Func<IEstimator<ITransformer>> Step)[] steps =
        [
            ("MLImage", () => catalog.Trainers.GrpoSegmentation(imageColumnName: name, baseModel: _model)),
            ("text", () => catalog.Trainers.GrpoSegmentation(queryColumnName: name, baseModel: _model)),
            ("SegmentationMask", () => catalog.Trainers.GrpoSegmentation(labelColumnName: name, baseModel: _model)),
            ("MLImage", () => catalog.LookToConfirm(imageColumnName: name, model: _model)),
            ("text", () => catalog.LookToConfirm(queryColumnName: name, model: _model)),
            ("MLImage", () => catalog.LookToConfirm(new LookToConfirmEstimator.Options { ImageColumnName = name, Model = _model, Threshold = 0.5f })),
            ("text", () => catalog.LookToConfirm(new LookToConfirmEstimator.Options { QueryColumnName = name, Model = _model, LabelColumnName = "None" })),
            ("SegmentationMaskList", () => catalog.DistributionRankedReward(candidatesColumnName: name)),
            ("MLImage", () => catalog.Segment(_segmenter, imageColumnName: name, boxColumnName: "Number")),
            ("a vector of Single", () => catalog.Segment(_segmenter, boxColumnName: name)),
            ("MLImage", () => catalog.ToOriginalPixels(originalImageColumnName: name)),
            ("SegmentationMask", () => catalog.ToOriginalPixels(new() { OriginalImageColumnName = "Image", MaskColumnName = name })),
            ("a vector of Single", () => catalog.ToOriginalPixels(new() { OriginalImageColumnName = "Image", MaskColumnName = "Mask", BoxColumnNames = [name] })),
        ];
        foreach ((string expected, Func<IEstimator<ITransformer>> step) in steps)
        {
            string text = name == "Nope" ? said : expected;
            Assert.That(() => step().Fit(_rows), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(said).And.Message.Contains($"'{name}'").And.Message.Contains(text), expected);
            Assert.That(() => new EstimatorChain<ITransformer>().Append(step()).Fit(_rows), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(text), expected);
        }
        Assert.That(_segmenter.Asked, Is.Zero);
    }

    [Test]
    public void DisposedTransformersGiveTheirMemoryBack()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("The process's memory is read from /proc.");
        string folder = Directory.CreateTempSubdirectory("drseg-test-").FullName;
        try
        {
            string path = Path.Combine(folder, "base.drseg");
            using (var shipped = DrSegModel.LoadBase()) shipped.Save(path);
            // Kept, so that it is disposing that gives back, not collecting.
            var disposed = new List<TransformerChain<ITransformer>>();
            void LoadAndDispose()
            {
                disposed.Add(_context.DrSeg().LoadModel(path));
                disposed[^1].Dispose();
            }
            for (int i = 0; i < 3; i++) LoadAndDispose();
            long before = ResidentMemory.Bytes();
            const int Times = 30;
            for (int i = 0; i < Times; i++) LoadAndDispose();
            // Were the weights kept, 30 models of more than 4 MB would be 120 MB and more.
            Assert.That(ResidentMemory.Bytes() - before, Is.LessThan(Times * 4L * 1_000_000 / 2));
            GC.KeepAlive(disposed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
