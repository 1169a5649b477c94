using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Training;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class GrpoSegmentationTrainerTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private GrpoSegmentationTrainer.Options Options(Action<GrpoSegmentationTrainer.Options>? change = null)
    {
        var options = new GrpoSegmentationTrainer.Options { BaseModel = _model, Training = new() { Steps = 3, Sampling = new() { QueriesPerStep = 4, GroupSize = 4 }, Optimizer = new() { LearningRate = 1e-3 } } };
        change?.Invoke(options);
        return options;
    }

    private GrpoSegmentationTransformer Fit(IEnumerable<QueryRow> rows, Action<GrpoSegmentationTrainer.Options>? change = null) =>
        _context.DrSeg().Trainers.GrpoSegmentation(Options(change)).Fit(_context.Data.LoadFromEnumerable(rows));

    private float[] WeightsAfter(int seed)
    {
        using GrpoSegmentationTransformer fitted = Fit(QueryRow.Many(6), options => options.Train(training => training with { Seed = seed }));
        return TinyModel.PolicyWeights(fitted.Model);
    }

    [Test]
    public void TheSeedFixesTheWeightsAndTheBaseModelStaysAsItIs()
    {
        float[] before = TinyModel.PolicyWeights(_model), once = WeightsAfter(seed: 1);
        Assert.That(WeightsAfter(seed: 1), Is.EqualTo(once));
        Assert.That(WeightsAfter(seed: 2), Is.Not.EqualTo(once));
        Assert.That(once, Is.Not.EqualTo(before));
        Assert.That(TinyModel.PolicyWeights(_model), Is.EqualTo(before));
    }

    /// <summary>
    /// Sums are then added up in another order. AdamW divides each gradient by its own size, so that rounding shows in full in a
    /// weight whose gradient is nearly 0: the tolerance is on all weights together, a hundredth of what training changed.
    /// </summary>
    [Test]
    public void AnotherNumberOfThreadsGivesTheSameWithinRounding()
    {
        static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());
        int usual = torch.get_num_threads();
        float[] usualWeights = WeightsAfter(seed: 1);
        try
        {
            torch.set_num_threads(usual == 1 ? 2 : 1);
            double share = Distance(WeightsAfter(seed: 1), usualWeights) / Distance(usualWeights, TinyModel.PolicyWeights(_model));
            TestContext.Out.WriteLine($"{share:0.0e+0} of the change");
            Assert.That(share, Is.LessThan(0.01));
        }
        finally
        {
            torch.set_num_threads(usual);
        }
    }

    [Test]
    public void ARewardWithAMemoryIsHandedBackAsItWas()
    {
        var reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow });
        GrpoSegmentationTrainer trainer = _context.DrSeg().Trainers.GrpoSegmentation(Options(options => options.Reward = reward));
        IDataView data = _context.Data.LoadFromEnumerable(QueryRow.Many(4));
        using GrpoSegmentationTransformer first = trainer.Fit(data), second = trainer.Fit(data);
        Assert.That(TinyModel.PolicyWeights(second.Model), Is.EqualTo(TinyModel.PolicyWeights(first.Model)));
        Assert.That(reward.SaveState().Values, Has.All.Empty);
    }

    [Test]
    public void EveryStepIsReportedAndSomeAreLogged()
    {
        var told = new List<GrpoStepMetrics>();
        var log = new List<string>();
        var own = new MLContext(1);
        own.Log += (_, entry) => log.Add(entry.Message);
        // Six rows for three steps of four: the rows come again.
        using GrpoSegmentationTransformer fitted = own.DrSeg().Trainers.GrpoSegmentation(Options(options =>
        {
            options.Progress = new Told<GrpoStepMetrics>(told.Add);
            options.LogEveryNSteps = 2;
        })).Fit(own.Data.LoadFromEnumerable(QueryRow.Many(6)));
        Assert.That(told.Select(progress => (progress.Step, progress.Steps)), Is.EqualTo(new[] { (1, 3), (2, 3), (3, 3) }));
        Assert.That(log.Where(line => line.Contains("Step 2 of 3: reward")), Has.Exactly(1).Contains("GrpoSegmentationTrainer"));
        Assert.That(log, Has.Some.Contains("Step 3 of 3").And.None.Contains("Step 1 of 3"));
    }

    [Test]
    public void CancellationStopsBetweenSteps()
    {
        using var source = new CancellationTokenSource();
        int steps = 0;
        Assert.That(() => Fit(QueryRow.Many(4), options =>
        {
            options.Train(training => training with { Steps = 1000 });
            options.CancellationToken = source.Token;
            options.Progress = new Told<GrpoStepMetrics>(_ =>
            {
                if (++steps == 2) source.Cancel();
            });
        }), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(2));
    }

    [Test]
    public void PredictionsAreWholeAndWithinTheImage()
    {
        using var fitted = new GrpoSegmentationTransformer(TinyModel.Trained());
        Prediction[] predictions = Prediction.Of(_context, fitted.Transform(_context.Data.LoadFromEnumerable(QueryRow.Many(20))));
        Assert.That(predictions.Count(prediction => prediction.PredictedMask.Area > 0), Is.GreaterThan(5));
        foreach (Prediction prediction in predictions)
        {
            Assert.That((prediction.PredictedMask.Width, prediction.PredictedMask.Height), Is.EqualTo((TinyModel.Side, TinyModel.Side)));
            Assert.That(prediction.PredictedBox, Has.Length.EqualTo(4).And.All.InRange(0f, TinyModel.Side));
            Assert.That(prediction.PredictedPoint, Has.Length.EqualTo(2).And.All.InRange(0f, TinyModel.Side));
            Assert.That(prediction.Score, Is.LessThanOrEqualTo(0).And.Not.NaN);
            Assert.That(prediction.Answer, Does.StartWith("<think>").Or.StartWith("no answer: "));
        }
    }

    [Test]
    public void AFailedAnswerIsEmptyAndSaysWhy()
    {
        using var fitted = new GrpoSegmentationTransformer(TinyModel.Fresh());
        Prediction[] failed = [.. Prediction.Of(_context, fitted.Transform(_context.Data.LoadFromEnumerable(QueryRow.Many(6)))).Where(prediction => prediction.Answer.StartsWith("no answer", StringComparison.Ordinal))];
        Assert.That(failed, Is.Not.Empty);
        foreach (Prediction prediction in failed)
        {
            Assert.That(prediction.PredictedMask, Is.EqualTo(SegmentationMask.Empty(TinyModel.Side, TinyModel.Side)));
            Assert.That(prediction.PredictedBox.Concat(prediction.PredictedPoint), Has.All.Zero);
            Assert.That(float.IsFinite(prediction.Score));
        }
    }

    [Test]
    public void BadRowsAreNamed()
    {
        QueryRow[] Rows(Action<QueryRow> spoil)
        {
            QueryRow[] rows = QueryRow.Many(4);
            spoil(rows[2]);
            return rows;
        }
        Assert.Multiple(() =>
        {
            Assert.That(() => Fit(Rows(row => row.Image = null)), Throws.InvalidOperationException.With.Message.Contains("Row 2 has no image in the column 'Image'"));
            Assert.That(() => Fit(Rows(row => row.Mask = null)), Throws.InvalidOperationException.With.Message.Contains("Row 2 has no mask in the column 'Mask'"));
            Assert.That(() => Fit(Rows(row => row.Mask = SegmentationMask.Empty(7, 9))), Throws.InvalidOperationException.With.Message.Contains("Row 2").And.Message.Contains("7 x 9").And.Message.Contains("32 x 32"));
            Assert.That(() => Fit(Rows(row => row.Query = "the ")), Throws.InvalidOperationException.With.Message.Contains("Row 2, column 'Query'").And.Message.Contains("expected 1 to 3"));
            Assert.That(() => Fit(Rows(row => row.Query = "zebra")), Throws.InvalidOperationException.With.Message.Contains("Row 2, column 'Query'").And.Message.Contains("blue, green, red"));
            Assert.That(() => Fit([]), Throws.InvalidOperationException.With.Message.Contains("data are empty"));
        });
    }

    [Test]
    public void BadColumnsAreNamedBeforeAnyWork()
    {
        IDataView data = _context.Data.LoadFromEnumerable(QueryRow.Many(1));
        IEstimator<ITransformer> After(Action<GrpoSegmentationTrainer.Options> change) =>
            _context.Transforms.CopyColumns("Copy", "Query").Append(_context.DrSeg().Trainers.GrpoSegmentation(Options(change)));
        Assert.Multiple(() =>
        {
            Assert.That(() => After(options => options.LabelColumnName = "Label").Fit(data), ThrowsColumn("'Label'", "Image, Query, Mask, Copy"));
            Assert.That(() => After(options => options.ImageColumnName = "Query").Fit(data), ThrowsColumn("'Query'", "must hold MLImage"));
            Assert.That(() => After(options => options.QueryColumnName = "Mask").Fit(data), ThrowsColumn("'Mask'", "must hold text"));
            Assert.That(() => After(options => options.LabelColumnName = "Copy").Fit(data), ThrowsColumn("'Copy'", "must hold SegmentationMask"));
            Assert.That(() => After(options => options.ObjectsColumnName = "Things").Fit(data), ThrowsColumn("'Things' for the true objects", "Image, Query, Mask, Copy"));
            Assert.That(() => After(options => options.ObjectsColumnName = "Copy").Fit(data), ThrowsColumn("'Copy'", "must hold SegmentationMaskList"));
            // And without a chain, which would ask for the schema first.
            Assert.That(() => Fit(QueryRow.Many(1), options => options.LabelColumnName = "Label"), ThrowsColumn("'Label'", "Image, Query, Mask"));
        });

        static NUnit.Framework.Constraints.ContainsConstraint ThrowsColumn(string column, string said) =>
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(column).And.Message.Contains(said);
    }

    [Test]
    public void OptionsAreCheckedAtOnceAndNamed()
    {
        void Refuses(string option, Action<GrpoSegmentationTrainer.Options> change) =>
            Assert.That(() => _context.DrSeg().Trainers.GrpoSegmentation(Options(change)), Throws.InstanceOf<ArgumentException>().With.Message.Contains(option), option);
        void RefusesTraining(string option, GrpoOptions training) => Refuses(option, options => options.Training = training);
        Assert.Multiple(() =>
        {
            RefusesTraining("Steps", new() { Steps = 0 });
            RefusesTraining("QueriesPerStep", new() { Sampling = new() { QueriesPerStep = 0 } });
            RefusesTraining("GroupSize", new() { Sampling = new() { GroupSize = 1 } });
            RefusesTraining("LearningRate", new() { Optimizer = new() { LearningRate = double.NaN } });
            RefusesTraining("DivergenceWeight", new() { Objective = new() { DivergenceWeight = -1 } });
            RefusesTraining("ClipLow", new() { Objective = new() { ClipLow = 1.5 } });
            RefusesTraining("ClipHigh", new() { Objective = new() { ClipHigh = double.PositiveInfinity } });
            RefusesTraining("RatioCap", new() { Objective = new() { ClipHigh = 0.3, RatioCap = 1.3 } });
            RefusesTraining("EntropyWeight", new() { Objective = new() { EntropyWeight = -1 } });
            RefusesTraining("WarmUpShare", new() { Optimizer = new() { WarmUpShare = 1 } });
            RefusesTraining("LargestGradientNorm", new() { Optimizer = new() { LargestGradientNorm = double.NaN } });
            RefusesTraining("LossAggregation", new() { Objective = new() { LossAggregation = (LossAggregation)9 } });
            RefusesTraining("ImportanceRatio", new() { Objective = new() { ImportanceRatio = (ImportanceRatio)9 } });
            RefusesTraining("DivergenceEstimator", new() { Objective = new() { DivergenceEstimator = (DivergenceEstimator)9 } });
            RefusesTraining("LearningRateShape", new() { Optimizer = new() { LearningRateShape = (LearningRateShape)9 } });
            RefusesTraining("ReferenceSyncEveryNSteps", new() { Objective = new() { ReferenceSyncEveryNSteps = -1 } });
            RefusesTraining("ResampleAttempts", new() { Sampling = new() { ResampleAttempts = -1 } });
            RefusesTraining("UpdatesPerStep", new() { Optimizer = new() { UpdatesPerStep = 0 } });
            RefusesTraining("AdvantageScaling", new() { Objective = new() { AdvantageScaling = (AdvantageScaling)9 } });
            RefusesTraining("LookToConfirm.FirstLookAnswers must be at least 2", new() { Sampling = new() { LookToConfirm = new() { FirstLookAnswers = 1 } } });
            RefusesTraining("LookToConfirm.Temperature must be above 0 and finite", new() { Sampling = new() { LookToConfirm = new() { Temperature = float.PositiveInfinity } } });
            RefusesTraining("Steps must be at least 1", new() { Steps = 0 });
            RefusesTraining("WarmUpShare must be 0 to below 1", new() { Optimizer = new() { WarmUpShare = 1 } });
            RefusesTraining("LossAggregation must be one of Grpo, Dapo, DrGrpo", new() { Objective = new() { LossAggregation = (LossAggregation)9 } });
            Refuses("LogEveryNSteps", options => options.LogEveryNSteps = -1);
            Refuses("QueryColumnName", options => options.QueryColumnName = "");
            Refuses("ScoreColumnName", options => options.ScoreColumnName = options.AnswerColumnName);
        });
    }

    [Test]
    public void ChangingOptionsAfterwardsChangesNothing()
    {
        GrpoSegmentationTrainer.Options options = Options();
        GrpoSegmentationTrainer trainer = _context.DrSeg().Trainers.GrpoSegmentation(options);
        options.Train(training => training with { Steps = 0 });
        options.ImageColumnName = "Elsewhere";
        using GrpoSegmentationTransformer fitted = trainer.Fit(_context.Data.LoadFromEnumerable(QueryRow.Many(4)));
        Assert.That(fitted.GetOutputSchema(_context.Data.LoadFromEnumerable(QueryRow.Many(0)).Schema)["PredictedMask"].Type, Is.EqualTo(SegmentationMaskDataViewType.Instance));
    }

    [Test]
    public void AGpuThatIsNotThereIsAnErrorUnlessTheProcessorMayTakeOver()
    {
        const int number = 12345;
        Assert.That(() => new MLContext { GpuDeviceId = number, FallbackToCpu = false }.DrSeg().Trainers.GrpoSegmentation(Options()),
            Throws.InvalidOperationException.With.Message.Contains("12345").And.Message.Contains("FallbackToCpu"));
        var log = new List<string>();
        var lenient = new MLContext { GpuDeviceId = number, FallbackToCpu = true };
        lenient.Log += (_, entry) => log.Add(entry.Message);
        using GrpoSegmentationTransformer fitted = lenient.DrSeg().Trainers.GrpoSegmentation(Options()).Fit(lenient.Data.LoadFromEnumerable(QueryRow.Many(4)));
        Assert.That(fitted.Model.Device.type, Is.EqualTo(DeviceType.CPU));
        Assert.That(log, Has.Some.Contains("12345").And.Some.Contains("Kind=Warning"));
    }

    [Test]
    public void DivergedTrainingIsAnErrorAndNoModel() =>
        Assert.That(() => Fit(QueryRow.Many(4), options => options.Train(training => training with { Steps = 20, Optimizer = new() { LearningRate = 1e30 } })), Throws.TypeOf<TrainingDivergedException>());
}
