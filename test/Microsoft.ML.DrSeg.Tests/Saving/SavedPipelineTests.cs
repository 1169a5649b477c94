using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Tests.Pipeline;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Saving;

/// <summary>A pipeline saved in both ways, by SaveDrSeg and by mlContext.Model.Save, answers as before, to the bit.</summary>
public class SavedPipelineTests
{
    private const int Rows = 6;

    private readonly MLContext context = new(1);
    private TemporaryFolder folder = null!, images = null!;
    private TransformerChain<LookToConfirmTransformer> steps = null!;
    private ITransformer pipeline = null!;
    private string[] answers = null!;

    [OneTimeSetUp]
    public void Fit()
    {
        (folder, images) = (new(), new());
        foreach (SegmentationExample example in TinyModel.Examples(Rows))
            example.Image.Save(images.File($"{example.Id}-{example.Query}.png"));
        var loading = context.Transforms.LoadImages("Image", images.Path, "ImagePath").Fit(FreshProcess.Rows(context, images.Path));
        var trained = new GrpoSegmentationTransformer(TinyModel.Trained());
        // A threshold between the rows' confidences: some are looked at twice.
        var looking = context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = trained.Model, Threshold = 0.5f, FirstLookAnswers = 4, Seed = 11 })
            .Fit(trained.Transform(loading.Transform(FreshProcess.Rows(context, images.Path))));
        steps = trained.Append(looking);
        pipeline = loading.Append(steps).Append(context.Transforms.CopyColumns("Result", "PredictedMask").Fit(steps.Transform(loading.Transform(FreshProcess.Rows(context, images.Path)))));
        answers = FreshProcess.Answers(context, pipeline, images.Path);
        pipeline.SaveDrSeg(folder.File("pipeline.drseg"));
        context.Model.Save(pipeline, FreshProcess.Rows(context, images.Path).Schema, folder.File("pipeline.zip"));
    }

    [OneTimeTearDown]
    public void RemoveAll()
    {
        steps.Dispose();
        folder.Dispose();
        images.Dispose();
    }

    [Test]
    public void TheAnswersAreWorthComparing() => Assert.Multiple(() =>
    {
        Assert.That(answers, Has.Length.EqualTo(Rows).And.Unique);
        Assert.That(answers, Has.Some.Contains("True").And.Some.Contains("False"), "second looks");
    });

    [Test]
    public void AFreshProcessAnswersTheSame([Values("pipeline.drseg", "pipeline.zip")] string file) =>
        Assert.That(FreshProcess.Run(folder.File(file), images.Path), Is.EqualTo(answers));

    /// <summary>Resized images have a type of their own, which a process that knows none of its row classes must be told.</summary>
    [Test]
    public void AFreshProcessThatKnowsTheirSizeTakesResizedImages()
    {
        const int Size = 2 * TinyModel.Side;
        IDataView rows = FreshProcess.Rows(context, images.Path);
        ITransformer resizing = context.Transforms.LoadImages("Image", images.Path, "ImagePath").Append(context.Transforms.ResizeImages("Image", Size, Size)).Fit(rows).Append(steps);
        context.Model.Save(resizing, rows.Schema, folder.File("resizing.zip"));
        Assert.That(FreshProcess.Run(folder.File("resizing.zip"), images.Path, $"{Size}"), Is.EqualTo(FreshProcess.Answers(context, resizing, images.Path)));
    }

    [Test]
    public void ThisProcessAnswersTheSame([Values("pipeline.drseg", "pipeline.zip")] string file) =>
        Assert.That(FreshProcess.Answers(new MLContext(), folder.File(file), images.Path), Is.EqualTo(answers));

    [Test]
    public void ALoadedPipelineHasTheSameColumns()
    {
        IDataView rows = FreshProcess.Rows(context, images.Path);
        string[] Names(ITransformer model) => [.. model.GetOutputSchema(rows.Schema).Where(column => !column.IsHidden).Select(column => column.Name)];
        ITransformer loaded = context.Model.Load(folder.File("pipeline.zip"), out DataViewSchema schema);
        Assert.Multiple(() =>
        {
            Assert.That(Names(loaded), Is.EquivalentTo(Names(pipeline)));
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
        IDataView rows = context.Transforms.CopyColumns("Picture", "Image").Append(context.Transforms.CopyColumns("Wanted", "Query")).Fit(context.Data.LoadFromEnumerable(QueryRow.Many(2))).Transform(context.Data.LoadFromEnumerable(QueryRow.Many(2)));
        named.SaveDrSeg(folder.File("named.drseg"));
        context.Model.Save(named, rows.Schema, folder.File("named.zip"));
        using TransformerChain<ITransformer> own = context.DrSeg().LoadModel(folder.File("named.drseg"));
        ITransformer official = context.Model.Load(folder.File("named.zip"), out _);
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
        IDataView rows = context.Data.LoadFromEnumerable(new[] { row });
        IDataView renamed = context.Transforms.CopyColumns("Picture", "Image").Append(context.Transforms.CopyColumns("Wanted", "Query")).Fit(rows).Transform(rows);
        using var named = new GrpoSegmentationTransformer(TinyModel.Trained(), new() { ImageColumnName = "Picture", QueryColumnName = "Wanted" });
        context.Model.Save(named, renamed.Schema, folder.File("errors.zip"));
        IDataView answered = context.Model.Load(folder.File("errors.zip"), out _).Transform(renamed);
        Exception? error = Assert.Catch(() => _ = answered.GetColumn<float>("Score").ToArray());
        // ML.NET's workers wrap what is thrown in them, once or twice.
        while (error!.InnerException is { } inner) error = inner;
        Assert.That(error.Message, Does.Contain(column));
    }

    [Test]
    public void AProcessWithAnotherRegistrationOfImagesIsToldWhatToDo()
    {
        (int code, _, string errors) = DotnetProcess.Run(typeof(FreshProcess).Assembly.Location, folder.File("pipeline.zip"), images.Path, FreshProcess.BareImages);
        Assert.That((code, errors.Contains("[AnyImageSize]", StringComparison.Ordinal)), Is.EqualTo((FreshProcess.Failed, true)), errors);
    }

    [Test]
    public void AModelAloneIsAStepWithTheUsualColumns()
    {
        using DrSegModel model = TinyModel.Trained();
        model.Save(folder.File("model.drseg"));
        using TransformerChain<ITransformer> loaded = context.DrSeg().LoadModel(folder.File("model.drseg"));
        Assert.That(loaded.LastTransformer, Is.InstanceOf<GrpoSegmentationTransformer>());
        IDataView rows = context.Data.LoadFromEnumerable(QueryRow.Many(2));
        Assert.That(loaded.Transform(rows).GetColumn<float>("Score"), Is.EqualTo(new GrpoSegmentationTransformer(model).Transform(rows).GetColumn<float>("Score")));
        // A loaded model is handed on in a pipeline like a trained one, and a file of steps is a model file too.
        Assert.That(context.DrSeg().LookToConfirm().Fit(loaded.Transform(rows)).Model, Is.SameAs(((GrpoSegmentationTransformer)loaded.LastTransformer).Model));
        using DrSegModel again = DrSegModel.Load(folder.File("pipeline.drseg"));
        Assert.That(TinyModel.PolicyWeights(again), Is.EqualTo(TinyModel.PolicyWeights(model)));
    }

    [Test]
    public void LookToConfirmAloneOwnsWhatItIsLoadedWith()
    {
        steps.LastTransformer.SaveDrSeg(folder.File("looking.drseg"));
        using TransformerChain<ITransformer> loaded = context.DrSeg().LoadModel(folder.File("looking.drseg"));
        Assert.That(((LookToConfirmTransformer)loaded.LastTransformer).Threshold, Is.EqualTo(0.5f));
        IDataView rows = context.Data.LoadFromEnumerable(QueryRow.Many(Rows));
        Assert.That(loaded.Transform(rows).GetColumn<float>("Confidence"), Is.EqualTo(steps.LastTransformer.Transform(rows).GetColumn<float>("Confidence")));
    }

    [Test]
    public void StepsThatCannotBeSavedTogetherAreAnError()
    {
        IDataView rows = context.Data.LoadFromEnumerable(QueryRow.Many(1));
        ITransformer copy = context.Transforms.CopyColumns("A", "Query").Fit(rows);
        using var other = new GrpoSegmentationTransformer(TinyModel.Fresh(), new() { PredictedMaskColumnName = "Other" });
        string path = folder.File("none.drseg");
        Assert.Multiple(() =>
        {
            Assert.That(() => copy.SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("no step of Dr. Seg"));
            Assert.That(() => other.Append(copy).Append(steps).SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("ColumnCopyingTransformer stands between"));
            Assert.That(() => other.Append(steps).SaveDrSeg(path), Throws.InvalidOperationException.With.Message.Contains("2 different models"));
            Assert.That(File.Exists(path), Is.False);
        });
    }

    /// <summary>Steps of one pipeline bring the same weights each; in memory they are there once.</summary>
    [Test]
    public void ThreadsAndStepsShareOneModel()
    {
        ITransformer loaded = context.Model.Load(folder.File("pipeline.zip"), out _);
        var found = new string[4][];
        Parallel.For(0, found.Length, i => found[i] = FreshProcess.Answers(context, loaded, images.Path));
        Assert.That(found, Has.All.EqualTo(answers));

        GrpoSegmentationTransformer answering = Carried((GrpoSegmentationTransformer)steps.First());
        LookToConfirmTransformer looking = Carried(steps.LastTransformer);
        Assert.That(looking.Model, Is.SameAs(answering.Model).And.Not.SameAs(steps.LastTransformer.Model));
    }

    /// <summary>A step as it comes out of a model file of ML.NET.</summary>
    private static TStep Carried<TStep>(TStep step)
        where TStep : RowTransformer
    {
        byte[] state = CarriedStep<TStep>.Pack(step);
        return new CarriedStep<TStep>().Unpack(new VBuffer<byte>(state.Length, state));
    }
}
