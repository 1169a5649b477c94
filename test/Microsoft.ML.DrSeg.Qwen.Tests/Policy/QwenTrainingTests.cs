using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Dr. Seg trains a tiny Qwen beside a tiny random SAM through <c>mlContext</c>, with everything that it has.</summary>
public class QwenTrainingTests
{
    private readonly MLContext _context = new(1);

    private static GrpoSegmentationTrainer.Options Options(DrSegModel model, int steps, RunOptions? run = null) => new()
    {
        BaseModel = model,
        LabelColumnName = nameof(SceneRow.Mask),
        Reward = new DistributionRankedReward(new()
        {
            Mode = RankedRewardMode.WithinGroup,
            Components = [.. new[] { RewardComponent.BoxIoU, RewardComponent.CountScore, RewardComponent.PointScore, RewardComponent.MaskIoU }.Select(component => new WeightedComponent(component))],
        }),
        Training = new()
        {
            Steps = steps,
            Run = run,
            Sampling = new() { QueriesPerStep = 4, LookToConfirm = new() { FirstLookAnswers = 6, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.45f } },
            Objective = new() { DivergenceWeight = 0.02 },
            Optimizer = new() { LearningRate = 1e-2, ConfirmationLearningRate = 1e-3 },
            ThresholdExamples = 8,
        },
    };

    private static float[] Adapter(DrSegModel model) => [.. model.Policy.Parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];

    [Test]
    public void MoreOfItsAnswersCanBeReadAndTheirBoxesGetBetter()
    {
        using DrSegModel start = TaughtQwen.Folder.Load();
        var told = new List<GrpoStepMetrics>();
        GrpoSegmentationTrainer.Options options = Options(start, steps: 60);
        options.Progress = new Told<GrpoStepMetrics>(told.Add);
        using GrpoSegmentationTransformer trained = _context.DrSeg().Trainers.GrpoSegmentation(options).Fit(_context.Data.LoadFromEnumerable(SceneRow.Many(24)));
        double Mean(Func<GrpoStepMetrics, double> figure, Range steps) => told.ToArray()[steps].Average(figure);
        TestContext.Out.WriteLine($"box IoU {string.Join(" ", told.Select(metrics => $"{metrics.BoxIoU:0.00}"))}");
        TestContext.Out.WriteLine($"failed {string.Join(" ", told.Select(metrics => $"{metrics.FailedShare:0.00}"))}");
        Assert.Multiple(() =>
        {
            Assert.That(Mean(metrics => metrics.FailedShare, ^6..), Is.LessThan(Mean(metrics => metrics.FailedShare, ..6) - 0.1));
            Assert.That(Mean(metrics => metrics.BoxIoU, ^6..), Is.GreaterThan(Mean(metrics => metrics.BoxIoU, ..6)));
            Assert.That(told.Select(metrics => metrics.RatioGap), Has.All.LessThan(1e-4), "the first update is under the very policy that drew the answers");
            Assert.That(told.Select(metrics => metrics.SecondLookShare), Has.Some.Positive);
            Assert.That(Mean(metrics => metrics.ConfirmationLoss!.Value, ^6..), Is.LessThan(Mean(metrics => metrics.ConfirmationLoss!.Value, ..6)));
            Assert.That(trained.Model.Threshold, Is.Not.EqualTo(start.Threshold), "learned at the end");
            Assert.That(Adapter(start), Is.Not.EqualTo(Adapter(trained.Model)));
            Assert.That(((QwenPolicy)start.Policy).Adapter.SaysNothing, "a copy was trained");
        });
    }

    [Test]
    public void ThePapersSettingTrains()
    {
        using DrSegModel start = TaughtQwen.Folder.Load();
        var told = new List<GrpoStepMetrics>();
        GrpoOptions paper = QwenRecipe.DrSegTraining;
        using GrpoSegmentationTransformer trained = _context.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = start,
            LabelColumnName = nameof(SceneRow.Mask),
            Reward = new DistributionRankedReward(QwenRecipe.DrSegReward),
            Training = paper with { Steps = 2, Sampling = paper.Sampling with { QueriesPerStep = 3 } },
            Progress = new Told<GrpoStepMetrics>(told.Add),
        }).Fit(_context.Data.LoadFromEnumerable(SceneRow.Many(6)));
        Assert.That(told.Select(metrics => metrics.LearningRate), Is.All.EqualTo(1e-5), "constant");
        Assert.That(told.Select(metrics => metrics.RewardSpread), Has.All.Positive);
        IEnumerable<string> figures = told[0].ToDictionary().Keys;
        foreach ((RewardComponent component, _) in QwenRecipe.DrSegReward.Components!)
            Assert.That(figures, Has.Some.Contains(component.ToString()).IgnoreCase, "ranked");
    }

    [TestCase(ScalarType.Float32, 1e-4)]
    [TestCase(ScalarType.BFloat16, 0.25, Description = "Rounding of scores; beyond a quarter training warns.")]
    public void ARunThatIsKilledAndResumedIsTheSame(ScalarType type, double ratioGap)
    {
        const int Steps = 4, Stop = 2;
        QwenModelOptions inType = TinyQwenFolder.Options with { WeightType = type };
        using DrSegModel start = TaughtQwen.Folder.Load(inType);
        using TemporaryFolder whole = new(), parts = new();
        IDataView rows = _context.Data.LoadFromEnumerable(SceneRow.Many(10));
        GrpoSegmentationTrainer.Options On(string folder, bool resume = false) =>
            Options(start, Steps, new RunOptions(folder) { Resume = resume, TensorBoard = false, SampleEveryNSteps = 2, CheckpointEveryNSteps = 1 });
        float[] Fit(GrpoSegmentationTrainer.Options options)
        {
            using GrpoSegmentationTransformer fitted = _context.DrSeg().Trainers.GrpoSegmentation(options).Fit(rows);
            return Adapter(fitted.Model);
        }
        GrpoSegmentationTrainer.Options through = On(whole.Path);
        var gaps = new List<double>();
        through.Progress = new Told<GrpoStepMetrics>(metrics => gaps.Add(metrics.RatioGap));
        float[] expected = Fit(through);
        Assert.That(gaps, Has.All.LessThan(ratioGap));
        Assert.That(expected, Is.Not.EqualTo(Adapter(start)));
        Assert.That(File.ReadAllText(Path.Combine(whole.Path, "report.html")), Does.Contain("Answers that could not be read").And.Contains("It reads: "));
        GrpoSegmentationTrainer.Options broken = On(parts.Path);
        broken.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step == Stop) throw new TimeoutException("the machine went away");
        });
        Assert.That(() => Fit(broken), Throws.TypeOf<TimeoutException>());
        Assert.That(Fit(On(parts.Path, resume: true)), Is.EqualTo(expected));
        Assert.That(LastCheckpoint(parts.Path), Is.EqualTo(LastCheckpoint(whole.Path)));

        // Another base under the same options is another run.
        using var other = new TinyQwenFolder(seed: 2);
        using DrSegModel foreign = other.Load(inType);
        GrpoSegmentationTrainer.Options elsewhere = On(parts.Path, resume: true);
        elsewhere.BaseModel = foreign;
        Assert.That(() => Fit(elsewhere), Throws.InvalidOperationException.With.Message.Contains("Cannot resume"));
    }
}
