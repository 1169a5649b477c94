using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>A pipeline saved in both ways, by SaveDrSeg and by mlContext.Model.Save, answers as before, to the bit.</summary>
public class SavedPipelineTests
{
    private const int Rows = 6;

    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!, _images = null!;
    private TransformerChain<LookToConfirmTransformer> _steps = null!;
    private ITransformer _pipeline = null!;
    private string[] _answers = null!;

    [OneTimeSetUp]
    public void Fit()
    {
        (_folder, _images) = (new(), new());
        foreach (SegmentationExample example in TinyModel.Examples(Rows))
            example.Image.Save(_images.File($"{example.Id}-{example.Query}.png"));
        var loading = _context.Transforms.LoadImages("Image", _images.Path, "ImagePath").Fit(FreshProcess.Rows(_context, _images.Path));
        var trained = new GrpoSegmentationTransformer(TinyModel.Trained());
        // A threshold between the rows' confidences: some are looked at twice.
        var looking = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = trained.Model, Threshold = 0.5f, FirstLookAnswers = 4, Seed = 11 })
            .Fit(trained.Transform(loading.Transform(FreshProcess.Rows(_context, _images.Path))));
        _steps = trained.Append(looking);
        _pipeline = loading.Append(_steps).Append(_context.Transforms.CopyColumns("Result", "PredictedMask").Fit(_steps.Transform(loading.Transform(FreshProcess.Rows(_context, _images.Path)))));
        _answers = FreshProcess.Answers(_context, _pipeline, _images.Path);
        _pipeline.SaveDrSeg(_folder.File("pipeline.drseg"));
        _context.Model.Save(_pipeline, FreshProcess.Rows(_context, _images.Path).Schema, _folder.File("pipeline.zip"));
    }

    [OneTimeTearDown]
    public void RemoveAll()
    {
        _steps.Dispose();
        _folder.Dispose();
        _images.Dispose();
    }

    [Test]
    public void TheAnswersAreWorthComparing() => Assert.Multiple(() =>
    {
        Assert.That(_answers, Has.Length.EqualTo(Rows).And.Unique);
        Assert.That(_answers, Has.Some.Contains("True").And.Some.Contains("False"), "second looks");
    });

    [Test]
    public void AFreshProcessAnswersTheSame([Values("pipeline.drseg", "pipeline.zip")] string file) =>
        Assert.That(FreshProcess.Run(_folder.File(file), _images.Path), Is.EqualTo(_answers));

    /// <summary>Resized images have a type of their own, which a process that knows none of its row classes must be told.</summary>
    [Test]
    public void AFreshProcessThatKnowsTheirSizeTakesResizedImages()
    {
        const int Size = 2 * TinyModel.Side;
        IDataView rows = FreshProcess.Rows(_context, _images.Path);
        ITransformer resizing = _context.Transforms.LoadImages("Image", _images.Path, "ImagePath").Append(_context.Transforms.ResizeImages("Image", Size, Size)).Fit(rows).Append(_steps);
        _context.Model.Save(resizing, rows.Schema, _folder.File("resizing.zip"));
        Assert.That(FreshProcess.Run(_folder.File("resizing.zip"), _images.Path, $"{Size}"), Is.EqualTo(FreshProcess.Answers(_context, resizing, _images.Path)));
    }

    [Test]
    public void ThisProcessAnswersTheSame([Values("pipeline.drseg", "pipeline.zip")] string file) =>
        Assert.That(FreshProcess.Answers(new MLContext(), _folder.File(file), _images.Path), Is.EqualTo(_answers));

    [Test]
    public void ALoadedPipelineHasTheSameColumns()
    {
        IDataView rows = FreshProcess.Rows(_context, _images.Path);
        string[] Names(ITransformer model) => [.. model.GetOutputSchema(rows.Schema).Where(column => !column.IsHidden).Select(column => column.Name)];
        ITransformer loaded = _context.Model.Load(_folder.File("pipeline.zip"), out DataViewSchema schema);
        Assert.Multiple(() =>
        {
            Assert.That(Names(loaded), Is.EquivalentTo(Names(_pipeline)));
            Assert.That(schema.Select(column => column.Name), Is.EqualTo(new[] { "ImagePath", "Query" }));
            Assert.That(loaded, Is.InstanceOf<IEnumerable<ITransformer>>(), "a chain of ML.NET's transformers");
            Assert.That(loaded.GetOutputSchema(rows.Schema)["PredictedBox"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 4)));
            Assert.That(loaded.GetOutputSchema(rows.Schema)["Result"].Type, Is.EqualTo(SegmentationMaskDataViewType.Instance));
        });
    }

    [Test]
    public void OtherColumnNamesAreKept()
    {
        var options = new GrpoSegmentationTrainer.Options { ImageColumnName = "Picture", QueryColumnName = "Wanted", PredictedMaskColumnName = "Cutout", ScoreColumnName = "Sureness" };
        using var named = new GrpoSegmentationTransformer(TinyModel.Trained(), options);
        IDataView rows = _context.Transforms.CopyColumns("Picture", "Image").Append(_context.Transforms.CopyColumns("Wanted", "Query")).Fit(_context.Data.LoadFromEnumerable(QueryRow.Many(2))).Transform(_context.Data.LoadFromEnumerable(QueryRow.Many(2)));
        named.SaveDrSeg(_folder.File("named.drseg"));
        _context.Model.Save(named, rows.Schema, _folder.File("named.zip"));
        using TransformerChain<ITransformer> own = _context.DrSeg().LoadModel(_folder.File("named.drseg"));
        ITransformer official = _context.Model.Load(_folder.File("named.zip"), out _);
        float[] expected = [.. named.Transform(rows).GetColumn<float>("Sureness")];
        Assert.That(own.Transform(rows).GetColumn<float>("Sureness"), Is.EqualTo(expected));
        Assert.That(official.Transform(rows).GetColumn<float>("Sureness"), Is.EqualTo(expected));
        Assert.That(official.Transform(rows).GetColumn<SegmentationMask>("Cutout").Select(mask => mask.Area), Is.EqualTo(named.Transform(rows).GetColumn<SegmentationMask>("Cutout").Select(mask => mask.Area)));
    }

    /// <summary>Inside a model file of ML.NET the columns have other names, which nobody gave them.</summary>
    [TestCase("violet", true, "'Wanted'")]
    [TestCase("blue", false, "'Picture'")]
    public void ErrorsOfALoadedPipelineNameItsColumns(string query, bool hasImage, string column)
    {
        QueryRow row = QueryRow.Many(1)[0];
        row.Query = query;
        if (!hasImage) row.Image = null;
        IDataView rows = _context.Data.LoadFromEnumerable(new[] { row });
        IDataView renamed = _context.Transforms.CopyColumns("Picture", "Image").Append(_context.Transforms.CopyColumns("Wanted", "Query")).Fit(rows).Transform(rows);
        using var named = new GrpoSegmentationTransformer(TinyModel.Trained(), new() { ImageColumnName = "Picture", QueryColumnName = "Wanted" });
        _context.Model.Save(named, renamed.Schema, _folder.File("errors.zip"));
        IDataView answered = _context.Model.Load(_folder.File("errors.zip"), out _).Transform(renamed);
        Exception? error = Assert.Catch(() => _ = answered.GetColumn<float>("Score").ToArray());
        // ML.NET's workers wrap what is thrown in them, once or twice.
        while (error!.InnerException is { } inner) error = inner;
        Assert.That(error.Message, Does.Contain(column));
    }

    [Test]
    public void AProcessWithAnotherRegistrationOfImagesIsToldWhatToDo()
    {
        (int code, _, string errors) = DotnetProcess.Run(typeof(FreshProcess).Assembly.Location, _folder.File("pipeline.zip"), _images.Path, FreshProcess.BareImages);
        Assert.That((code, errors.Contains("[AnyImageSize]", StringComparison.Ordinal)), Is.EqualTo((FreshProcess.Failed, true)), errors);
    }

    [Test]
    public void AModelAloneIsAStepWithTheUsualColumns()
    {
        using DrSegModel model = TinyModel.Trained();
        model.Save(_folder.File("model.drseg"));
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(_folder.File("model.drseg"));
        Assert.That(loaded.LastTransformer, Is.InstanceOf<GrpoSegmentationTransformer>());
        IDataView rows = _context.Data.LoadFromEnumerable(QueryRow.Many(2));
        Assert.That(loaded.Transform(rows).GetColumn<float>("Score"), Is.EqualTo(new GrpoSegmentationTransformer(model).Transform(rows).GetColumn<float>("Score")));
        // A loaded model is handed on in a pipeline like a trained one, and a file of steps is a model file too.
        Assert.That(_context.DrSeg().LookToConfirm().Fit(loaded.Transform(rows)).Model, Is.SameAs(((GrpoSegmentationTransformer)loaded.LastTransformer).Model));
        using var again = DrSegModel.Load(_folder.File("pipeline.drseg"));
        Assert.That(TinyModel.PolicyWeights(again), Is.EqualTo(TinyModel.PolicyWeights(model)));
    }

    [Test]
    public void LookToConfirmAloneOwnsWhatItIsLoadedWith()
    {
        _steps.LastTransformer.SaveDrSeg(_folder.File("looking.drseg"));
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(_folder.File("looking.drseg"));
        Assert.That(((LookToConfirmTransformer)loaded.LastTransformer).Threshold, Is.EqualTo(0.5f));
        IDataView rows = _context.Data.LoadFromEnumerable(QueryRow.Many(Rows));
        Assert.That(loaded.Transform(rows).GetColumn<float>("Confidence"), Is.EqualTo(_steps.LastTransformer.Transform(rows).GetColumn<float>("Confidence")));
    }

    [Test]
    public void StepsThatCannotBeSavedTogetherAreAnError()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(QueryRow.Many(1));
        ITransformer copy = _context.Transforms.CopyColumns("A", "Query").Fit(rows);
        using var other = new GrpoSegmentationTransformer(TinyModel.Fresh(), new() { PredictedMaskColumnName = "Other" });
        string path = _folder.File("none.drseg");
        Assert.Multiple(() =>
        {
            Assert.That(() => copy.SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("no step of Dr. Seg"));
            Assert.That(() => other.Append(copy).Append(_steps).SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("ColumnCopyingTransformer stands between"));
            Assert.That(() => other.Append(_steps).SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("2 different models"));
            Assert.That(File.Exists(path), Is.False);
        });
    }

    /// <summary>Steps of one pipeline bring the same weights each; in memory they are there once.</summary>
    [Test]
    public void ThreadsAndStepsShareOneModel()
    {
        ITransformer loaded = _context.Model.Load(_folder.File("pipeline.zip"), out _);
        var found = new string[4][];
        Parallel.For(0, found.Length, i => found[i] = FreshProcess.Answers(_context, loaded, _images.Path));
        Assert.That(found, Has.All.EqualTo(_answers));

        GrpoSegmentationTransformer answering = Carried((GrpoSegmentationTransformer)_steps.First());
        LookToConfirmTransformer looking = Carried(_steps.LastTransformer);
        Assert.That(looking.Model, Is.SameAs(answering.Model).And.Not.SameAs(_steps.LastTransformer.Model));
    }

    /// <summary>A step as it comes out of a model file of ML.NET.</summary>
    private static TStep Carried<TStep>(TStep step)
        where TStep : RowTransformer
    {
        byte[] state = CarriedStep<TStep>.Pack(step);
        return new CarriedStep<TStep>().Unpack(new VBuffer<byte>(state.Length, state));
    }
}
