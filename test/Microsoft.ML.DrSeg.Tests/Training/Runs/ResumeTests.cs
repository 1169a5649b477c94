using System.Xml.Linq;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>A run that is stopped and resumed is, bit for bit, the run that is not.</summary>
public class ResumeTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private static void Plain(GrpoSegmentationTrainer.Options options) => options.Aim(objective => objective with { DivergenceWeight = 0 });

    // Everything that has a state: reference, its synchronisation, the confirming head's optimiser, windows, shuffling, resampling, validation.
    private void Everything(GrpoSegmentationTrainer.Options options)
    {
        options.Aim(objective => objective with { DivergenceWeight = 0.1, ReferenceSyncEveryNSteps = 4 });
        options.Optimize(optimizer => optimizer with { UpdatesPerStep = 2, ConfirmationLearningRate = 1e-3 });
        options.Train(training => training with { ThresholdExamples = 4 });
        options.Sample(sampling => sampling with
        {
            ResampleAttempts = 1,
            ShufflePoolSize = 5,
            LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.5f },
        });
        options.Reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, WindowCapacity = 64, WindowMinimum = 16 });
        options.HoldOut(_context.Data.LoadFromEnumerable(QueryRow.Many(9)), new() { EveryNSteps = 2 });
        options.Write(run => run with { SampleEveryNSteps = 3 });
    }

    [Test]
    public void AStoppedAndResumedRunIsTheSame([Values] bool everything, [Values(1, 3, 4)] int stop)
    {
        Action<GrpoSegmentationTrainer.Options> change = everything ? Everything : Plain;
        using TemporaryFolder whole = new(), parts = new();
        float[] expected = Fit(Options(_model, whole.Path, change));

        FitUntil(Options(_model, parts.Path, change), stop);
        float[] resumed = Fit(Options(_model, parts.Path, options =>
        {
            change(options);
            options.Write(run => run with { Resume = true });
        }));

        Assert.That(resumed, Is.EqualTo(expected));
        Assert.That(LogLines(parts.Path), Is.EqualTo(LogLines(whole.Path)));
        // Weights, moments, reference, windows, data position, all of it.
        Assert.That(LastCheckpoint(parts.Path), Is.EqualTo(LastCheckpoint(whole.Path)));
        Assert.That(expected, Is.Not.EqualTo(TinyModel.PolicyWeights(_model)));
    }

    [Test]
    public void ARunThatBrokeOffBetweenCheckpointsDoesItsLastStepsAgain()
    {
        using TemporaryFolder whole = new(), parts = new();
        float[] expected = Fit(Options(_model, whole.Path));
        GrpoSegmentationTrainer.Options broken = Options(_model, parts.Path);
        broken.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step == 4) throw new TimeoutException("the machine went away");
        });
        Assert.That(() => Fit(broken), Throws.TypeOf<TimeoutException>());
        Assert.That(Checkpoints(parts.Path), Is.EqualTo(new[] { "step-00000002.drseg" }));
        Assert.That(LogLines(parts.Path)[^1], Does.Contain("failed: the machine went away"));
        Assert.That(LogLines(parts.Path).Count(line => line.StartsWith("{\"step\"", StringComparison.Ordinal)), Is.EqualTo(3));
        // As a killed process would leave it: half a line, half a checkpoint.
        File.AppendAllText(parts.File("log.jsonl"), "{\"step\":{\"step\":4,\"ste");
        File.WriteAllBytes(parts.File("checkpoints/step-00000004.drseg.tmp"), LastCheckpoint(parts.Path)[..1000]);

        float[] resumed = Fit(Options(_model, parts.Path, options => options.Write(run => run with { Resume = true })));
        Assert.That(resumed, Is.EqualTo(expected));
        Assert.That(LogLines(parts.Path), Is.EqualTo(LogLines(whole.Path)));
        Assert.That(Checkpoints(parts.Path), Is.EqualTo(new[] { "step-00000004.drseg", "step-00000006.drseg" }));
    }

    [Test]
    public void AFinishedRunIsResumedToItsEndAtOnce()
    {
        using var folder = new TemporaryFolder();
        float[] expected = Fit(Options(_model, folder.Path));
        string[] lines = LogLines(folder.Path);
        GrpoSegmentationTrainer.Options again = Options(_model, folder.Path, options => options.Write(run => run with { Resume = true }));
        again.Progress = new Told<GrpoStepMetrics>(_ => Assert.Fail("no step is left"));
        Assert.That(Fit(again), Is.EqualTo(expected));
        Assert.That(LogLines(folder.Path), Is.EqualTo(lines));
    }

    [Test]
    public void AFinishedRunGoesOnForMoreSteps()
    {
        // A rate that does not depend on how many steps there are: then it is the longer run, bit for bit.
        static void Level(GrpoSegmentationTrainer.Options options) => options.Optimize(optimizer => optimizer with { LearningRateShape = LearningRateShape.Constant, WarmUpShare = 0 });
        using TemporaryFolder whole = new(), parts = new();
        float[] expected = Fit(Options(_model, whole.Path, options => { Level(options); options.Train(training => training with { Steps = 9 }); }));
        Fit(Options(_model, parts.Path, Level));
        float[] longer = Fit(Options(_model, parts.Path, options =>
        {
            Level(options);
            options.Train(training => training with { Steps = 9 });
            options.Write(run => run with { Resume = true });
        }));
        Assert.That(longer, Is.EqualTo(expected));
        string[] lines = LogLines(parts.Path);
        Assert.That(lines.Where(line => line.StartsWith("{\"step\"", StringComparison.Ordinal)).Select((line, i) => line.Contains($"\"step\":{i + 1},", StringComparison.Ordinal)), Is.All.True.And.Exactly(9).Items);
        Assert.That(lines.Count(line => line.StartsWith("{\"start\"", StringComparison.Ordinal)), Is.EqualTo(2), "what it set out to do, and what then");
        Assert.That(File.ReadAllText(parts.File("report.html")), Does.Contain("finished, 9 of 9 steps"));

        GrpoSegmentationTrainer.Options fewer = Options(_model, parts.Path, options => { Level(options); options.Write(run => run with { Resume = true }); });
        Assert.That(() => Fit(fewer), Throws.InvalidOperationException.With.Message.Contains("Steps is 6, was 9"));
    }

    [Test]
    public void ALongerRunTakesTheRateThatItsScheduleHasThere()
    {
        using var folder = new TemporaryFolder();
        Fit(Options(_model, folder.Path));
        var rates = new List<double>();
        GrpoSegmentationTrainer.Options longer = Options(_model, folder.Path, options =>
        {
            options.Train(training => training with { Steps = 12 });
            options.Write(run => run with { Resume = true });
        });
        longer.Progress = new Told<GrpoStepMetrics>(metrics => rates.Add(metrics.LearningRate));
        Fit(longer);
        var schedule = new LearningRateSchedule(1e-3, 12, Floor: 0);
        Assert.That(rates, Is.EqualTo(Enumerable.Range(6, 6).Select(schedule.At)).Within(1e-15));
    }

    [Test]
    public void SeveralRunsAreComparedInOneReport()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, double rate) in new[] { ("slow", 1e-4), ("fast", 1e-3) })
            Fit(Options(_model, folder.File(name), options =>
            {
                options.Optimize(optimizer => optimizer with { LearningRate = rate });
                if (name == "fast") options.HoldOut(_context.Data.LoadFromEnumerable(QueryRow.Many(9)), new() { EveryNSteps = 2 });
            }));
        RunComparison.Write([folder.File("slow"), folder.File("fast/")], folder.File("comparison.html"));
        var page = XDocument.Load(folder.File("comparison.html"));
        string[][] tables = [.. page.Descendants("table").Select(table => table.Descendants("tr").Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))).ToArray())];
        Assert.That(tables[0][1], Does.StartWith("slow|finished|6|–|–|"));
        Assert.That(tables[0][2], Does.Match(@"^fast\|finished\|6\|0\.\d{3}\|\d\|"));
        Assert.That(tables[1], Has.Member("LearningRate|0.0001|0.001").And.Not.Some.StartsWith("GroupSize"));
        Assert.That(page.Descendants("figcaption").Select(one => one.Value), Has.Member("reward").And.Member("gIoU of held-out rows"));
        Assert.That(page.Descendants("ul").First(list => (string?)list.Attribute("class") == "legend").Value, Is.EqualTo("fast"), "only what was validated");
        Assert.That(() => RunComparison.Write([folder.File("slow"), folder.File("none")], folder.File("no.html")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none"));
    }

    [Test]
    public void ACheckpointIsAModelFile()
    {
        using var folder = new TemporaryFolder();
        float[] expected = Fit(Options(_model, folder.Path));
        using var loaded = DrSegModel.Load(folder.File("checkpoints/step-00000006.drseg"));
        Assert.That(TinyModel.PolicyWeights(loaded), Is.EqualTo(expected));
        Assert.That(loaded.Threshold, Is.EqualTo(_model.Threshold));
    }

    [Test]
    public void WithoutACheckpointToResumeFromARunBegins()
    {
        using TemporaryFolder fresh = new(), other = new();
        Assert.That(Fit(Options(_model, fresh.Path, options => options.Write(run => run with { Resume = true }))), Is.EqualTo(Fit(Options(_model, other.Path))));
    }

    [Test]
    public void ARunOnDiskTrainsAsOneThatIsNot()
    {
        using var folder = new TemporaryFolder();
        Assert.That(Fit(Options(_model, folder.Path, Everything)), Is.EqualTo(Fit(Options(_model, folder.Path, options =>
        {
            Everything(options);
            options.Train(training => training with { Run = null });
        }))));
    }
}
