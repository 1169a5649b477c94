using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Scenes;
using NUnit.Framework;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>The whole library through mlContext.DrSeg(), as a user chains it.</summary>
public class DrSegPipelineTests
{
    private sealed class FileRow
    {
        public string ImagePath { get; set; } = "";
        public string Query { get; set; } = "";

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!;
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    [SetUp]
    public void MakeTheFolder() => _folder = new();

    [TearDown]
    public void RemoveTheFolder() => _folder.Dispose();

    private FileRow[] Files(int count) =>
    [
        .. TinyModel.Examples(count).Select(example =>
        {
            string name = $"{example.Id}.png";
            example.Image.Save(_folder.File(name));
            return new FileRow { ImagePath = name, Query = example.Query, Mask = example.Mask };
        }),
    ];

    private GrpoSegmentationTrainer Trainer(DrSegModel? start = null) => _context.DrSeg().Trainers.GrpoSegmentation(
        new GrpoSegmentationTrainer.Options { BaseModel = start ?? _model, Training = new() { Steps = 2, Sampling = new() { QueriesPerStep = 4, GroupSize = 4 } } });

    private EstimatorChain<LookToConfirmTransformer> FromFiles() => _context.Transforms.LoadImages("Image", _folder.Path, "ImagePath")
        .Append(_context.Transforms.ResizeImages("Image", TinyModel.Side, TinyModel.Side))
        .Append(Trainer())
        .Append(_context.DrSeg().LookToConfirm());

    [Test]
    public void ImagesFromFilesAreTrainedOnAndAnswered()
    {
        FileRow[] rows = Files(6);
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        using TransformerChain<LookToConfirmTransformer> fitted = FromFiles().Fit(data);
        IDataView answered = fitted.Transform(data);
        Assert.That(answered.Schema.Where(column => !column.IsHidden).Select(column => column.Name), Is.SupersetOf(new[] { "PredictedMask", "PredictedBox", "PredictedPoint", "Answer", "Score", "Confidence", "ConfidenceMap", "ConfidenceRegion", "SecondLook", "Hypotheses" }));
        Assert.That(answered.Schema.Count(column => column.Name == "PredictedMask"), Is.EqualTo(2), "the provisional mask is hidden, not gone");
        Prediction[] predictions = Prediction.Of(_context, answered);
        Assert.That(predictions, Has.Length.EqualTo(6));
        Assert.That(predictions.Select(prediction => prediction.Hypotheses), Has.All.AtLeast(4));

        using var engine = _context.Model.CreatePredictionEngine<FileRow, Prediction>(fitted, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.That(rows.Select(row => engine.Predict(row).ToString()), Is.EqualTo(predictions.Select(prediction => prediction.ToString())));
    }

    [Test]
    public void ComposedScenesAreTrainedOnAndAnswered()
    {
        using var pictures = new SyntheticPictures();
        SceneComposer composer = pictures.Compose(SyntheticPictures.PlainColours);
        torch.manual_seed(1);
        using var start = CompactModel.Create(TinyModel.ShapeOf(composer.Assets.Nouns));
        IDataView training = _context.DrSeg().Data.ComposedScenes(composer, SceneSplit.Train, count: 5, seed: 1);
        IDataView test = _context.DrSeg().Data.ComposedScenes(composer, SceneSplit.Test, count: 3, seed: 1);
        using var fitted = Trainer(start).Append(_context.DrSeg().LookToConfirm()).Fit(training);
        Prediction[] predictions = Prediction.Of(_context, fitted.Transform(test));
        Assert.That(predictions.Select(prediction => (prediction.PredictedMask.Width, prediction.PredictedMask.Height)), Is.EqualTo(Enumerable.Repeat((96, 96), 3)));
    }

    [Test]
    public void NothingIsComputedBeforeACursorMoves()
    {
        using var fitted = new GrpoSegmentationTransformer(_model.Clone());
        var chain = fitted.Append(_context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = fitted.Model, Threshold = 0 }).Fit(_context.Data.LoadFromEnumerable(QueryRow.Many(1))));
        IDataView view = chain.Transform(_context.Data.LoadFromEnumerable(new[] { new QueryRow { Query = "blue" } }));
        Assert.That(view.Schema["ConfidenceMap"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 2, 2)));
        Assert.That(() => Prediction.Of(_context, view), Throws.InvalidOperationException.With.Message.Contains("Row 0 has no image"));
    }

    [Test]
    public void AMissingFileIsNamedAndATruncatedOneWhereItCannotBeDecoded()
    {
        FileRow[] rows = Files(4);
        File.Delete(_folder.File("2.png"));
        Assert.That(() => FromFiles().Fit(_context.Data.LoadFromEnumerable(rows)), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("2.png"));
        File.WriteAllBytes(_folder.File("2.png"), File.ReadAllBytes(_folder.File("1.png"))[..60]);
        Assert.That(() => FromFiles().Fit(_context.Data.LoadFromEnumerable(rows)), DecodesAsFarAsItGoes(_folder.File("2.png")) ? Throws.Nothing : Throws.InvalidOperationException.With.Message.Contains("2.png"));
        rows[2].ImagePath = "";
        Assert.That(() => FromFiles().Fit(_context.Data.LoadFromEnumerable(rows)), Throws.Exception.With.Message.Contains("Row 2").Or.Message.Contains("Image"));
    }

    /// <summary>Decoders differ in what they make of half a file: some give the rows that are there.</summary>
    private static bool DecodesAsFarAsItGoes(string path)
    {
        try
        {
            using var image = MLImage.CreateFromFile(path);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    [Test]
    public void TheRankedRewardIsBehindTheSameDoor()
    {
        IEstimator<ITransformer> plain = _context.DrSeg().DistributionRankedReward(mode: RankedRewardMode.ReferenceWindow);
        Assert.That(plain, Is.InstanceOf<DistributionRankedRewardEstimator>());
        Assert.That(() => _context.DrSeg().DistributionRankedReward(new DistributionRankedRewardEstimator.Options { MaskColumnName = "Label" })
            .Fit(_context.Data.LoadFromEnumerable(QueryRow.Many(1))), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
