using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>What can go wrong with a run: named errors, nothing lost.</summary>
public class HostileRunTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private GrpoSegmentationTrainer.Options Resuming(string folder, Action<GrpoSegmentationTrainer.Options>? change = null) => Options(_model, folder, options =>
    {
        options.Write(run => run with { Resume = true });
        change?.Invoke(options);
    });

    // A run stopped after its third step, with checkpoints at 2 and 3.
    private TemporaryFolder Stopped()
    {
        var folder = new TemporaryFolder();
        FitUntil(Options(_model, folder.Path), 3);
        Assert.That(Checkpoints(folder.Path), Is.EqualTo(new[] { "step-00000002.drseg", "step-00000003.drseg" }));
        return folder;
    }

    private static string Last(TemporaryFolder folder) => folder.File("checkpoints/step-00000003.drseg");

    [Test]
    public void ACutOffCheckpointIsNamedWithTheOneBeforeIt([Values(0.0, 0.3, 0.99)] double share)
    {
        using TemporaryFolder folder = Stopped(), whole = new();
        byte[] bytes = File.ReadAllBytes(Last(folder));
        File.WriteAllBytes(Last(folder), bytes[..(int)(share * bytes.Length)]);
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("step-00000003.drseg").And.Message.Contains("step-00000002.drseg"));
        // Doing as told goes on from there, to the same end.
        File.Delete(Last(folder));
        Assert.That(Fit(Resuming(folder.Path)), Is.EqualTo(Fit(Options(_model, whole.Path))));
    }

    [Test]
    public void ACheckpointWithTwoEntriesOfOneNameIsRefused()
    {
        using TemporaryFolder folder = Stopped();
        using (ZipArchive zip = ZipFile.Open(Last(folder), ZipArchiveMode.Update)) zip.CreateEntry("training.json");
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("2 entries 'training.json'"));
    }

    [Test]
    public void AFlippedBitIsFound()
    {
        using TemporaryFolder folder = Stopped();
        byte[] bytes = File.ReadAllBytes(Last(folder));
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(Last(folder), bytes);
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("checksum"));
    }

    [Test]
    public void ACheckpointOfAnotherVersionIsNamed()
    {
        using TemporaryFolder folder = Stopped();
        Change(Last(folder), "training.json", text => text.Replace("\"Version\": 2", "\"Version\": 7"));
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("version 7").And.Message.Contains("reads version 2"));
    }

    [Test]
    public void ACheckpointFromBeforeAnOptionWasIsResumedWithItsDefault()
    {
        using TemporaryFolder folder = Stopped(), whole = new();
        Change(Last(folder), "training.json", text => Regex.Replace(text, "\n *\"(ThresholdExamples|ConfirmationLearningRate)\": \"0\",", ""));
        Assert.That(() => Fit(Resuming(folder.Path, options => options.Train(training => training with { ThresholdExamples = 5 }))),
            Throws.InvalidOperationException.With.Message.Contains("ThresholdExamples is 5, was 0"));
        Assert.That(Fit(Resuming(folder.Path)), Is.EqualTo(Fit(Options(_model, whole.Path))));
    }

    [Test]
    public void ACheckpointThatIsNotJsonInsideIsNamed()
    {
        using TemporaryFolder folder = Stopped();
        Change(Last(folder), "training.json", text => text[..(text.Length / 2)]);
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("step-00000003.drseg"));
    }

    [Test]
    public void AModelWithoutTrainingStateIsNoCheckpoint()
    {
        using TemporaryFolder folder = Stopped();
        _model.Save(Last(folder));
        Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no entry 'training.json'"));
    }

    [Test]
    public void AnotherSeedModelRewardOrOptionIsNamed()
    {
        using TemporaryFolder folder = Stopped();
        void Refuses(string said, Action<GrpoSegmentationTrainer.Options> change)
        {
            byte[] before = File.ReadAllBytes(Last(folder));
            Assert.That(() => Fit(Resuming(folder.Path, change)), Throws.InvalidOperationException.With.Message.Contains(said), said);
            Assert.That(File.ReadAllBytes(Last(folder)), Is.EqualTo(before));
        }
        using DrSegModel fresh = TinyModel.Fresh(), others = CompactModel.Create(TinyModel.ShapeOf(["cyan", "pink"]));
        Assert.Multiple(() =>
        {
            Refuses("Seed is 2, was 1", options => options.Train(training => training with { Seed = 2 }));
            Refuses("LearningRate is 0.002, was 0.001", options => options.Optimize(optimizer => optimizer with { LearningRate = 2e-3 }));
            Refuses("LossAggregation is Dapo, was Grpo", options => options.Aim(objective => objective with { LossAggregation = LossAggregation.Dapo }));
            Refuses("LookToConfirm.FirstLookAnswers is 2, was none", options => options.Sample(sampling => sampling with { LookToConfirm = new() { FirstLookAnswers = 2, CloserViews = 1 } }));
            Refuses("Validation.EveryNSteps is 2, was none", options => options.HoldOut(_context.Data.LoadFromEnumerable(QueryRow.Many(2)), new() { EveryNSteps = 2 }));
            Refuses("Reward is DistributionRankedReward, was none", options => options.Reward = new DistributionRankedReward());
            Refuses("another base model", options => options.BaseModel = fresh);
        });
        // Other words: the rows would be refused first if they asked for them.
        Assert.That(() => Fit(Resuming(folder.Path, options => options.BaseModel = others)), Throws.InvalidOperationException.With.Message.Contains("other sizes or words"));
    }

    [Test]
    public void ARewardOfOtherComponentsIsNamed()
    {
        DistributionRankedReward Ranked(RewardComponent component) =>
            new(new() { Mode = RankedRewardMode.ReferenceWindow, WindowMinimum = 1, Components = [new(component)] });
        using var folder = new TemporaryFolder();
        FitUntil(Options(_model, folder.Path, options => options.Reward = Ranked(RewardComponent.Dice)), 2);
        Assert.That(() => Fit(Resuming(folder.Path, options => options.Reward = Ranked(RewardComponent.BoxIoU))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("another reward"));
    }

    [Test]
    public void FewerDataThanBeforeAreNamed()
    {
        using TemporaryFolder folder = new();
        FitUntil(Options(_model, folder.Path), 2);
        Assert.That(() => Fit(Resuming(folder.Path), _context.Data.LoadFromEnumerable(QueryRow.Many(4))),
            Throws.InvalidOperationException.With.Message.Contains("have 4 rows, but 6 were read before"));
    }

    [Test]
    public void AFolderThatHoldsARunIsNotOverwritten()
    {
        using TemporaryFolder folder = Stopped();
        string[] before = folder.Files;
        Assert.That(() => Fit(Options(_model, folder.Path)), Throws.InvalidOperationException.With.Message.Contains(folder.Path).And.Message.Contains("Resume"));
        Assert.That(folder.Files, Is.EqualTo(before));
    }

    [Test]
    public void TwoRunsDoNotShareAFolder()
    {
        using var folder = new TemporaryFolder();
        GrpoSegmentationTrainer.Options outer = Options(_model, folder.Path);
        int tried = 0;
        outer.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step > 1) return;
            tried++;
            Assert.That(() => Fit(Resuming(folder.Path)), Throws.TypeOf<IOException>().With.Message.Contains("Another run"));
        });
        Fit(outer);
        Assert.That(tried, Is.EqualTo(1));
    }

    /// <summary>The system's own full device stands in for a full disk: writing to it fails with "no space left".</summary>
    [Test]
    public void AFullDiskLeavesTheCheckpointBefore()
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("There is no /dev/full here.");
        using TemporaryFolder folder = new(), whole = new();
        GrpoSegmentationTrainer.Options options = Options(_model, folder.Path);
        options.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step == 4) File.CreateSymbolicLink(folder.File("checkpoints/step-00000004.drseg.tmp"), "/dev/full");
        });
        Assert.That(() => Fit(options), Throws.TypeOf<IOException>().With.Message.Contains("step-00000004.drseg").And.Message.Contains("Free some space"));
        Assert.That(Checkpoints(folder.Path), Is.EqualTo(new[] { "step-00000002.drseg" }));
        Assert.That(LogLines(folder.Path)[^1], Does.Contain("failed: Cannot write"));
        Assert.That(Fit(Resuming(folder.Path)), Is.EqualTo(Fit(Options(_model, whole.Path))));
    }

    [Test]
    public void DivergedTrainingKeepsItsCheckpointsAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        var reward = new SpoiledFrom(step: 4);
        Assert.That(() => Fit(Options(_model, folder.Path, options => options.Reward = reward)),
            Throws.InvalidOperationException.With.Message.Contains("step 4 (examples 9, 10, 11)").And.Message.Contains("NaN"));
        Assert.That(Checkpoints(folder.Path), Is.EqualTo(new[] { "step-00000002.drseg" }));
        Assert.That(File.ReadAllText(folder.File("report.html")), Does.Contain("failed: The reward SpoiledFrom"));
    }

    [Test]
    public void AColumnThatDisappearsIsNamedBeforeAnythingIsWritten()
    {
        using var folder = new TemporaryFolder();
        IDataView data = _context.Data.LoadFromEnumerable(QueryRow.Many(4));
        IDataView without = _context.Transforms.SelectColumns("Image", "Query").Fit(data).Transform(data);
        void Refuses(string said, Action<GrpoSegmentationTrainer.Options> change, IDataView rows) => Assert.That(
            () => Fit(Options(_model, folder.Path, change), rows), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(said));
        Refuses("no column 'Mask' for the true mask", _ => { }, without);
        Refuses("no column 'Mask' for the true mask", options => options.ValidationData = without, data);
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void EmptyValidationDataAreNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Fit(Options(_model, folder.Path, options => options.HoldOut(_context.Data.LoadFromEnumerable(QueryRow.Many(0)), new() { EveryNSteps = 1 }))),
            Throws.InvalidOperationException.With.Message.Contains("data are empty"));
    }

    [Test]
    public void FewerRowsThanABatchComeAgainAndAreDrawnAnew()
    {
        using var folder = new TemporaryFolder();
        float[] before = TinyModel.PolicyWeights(_model);
        Assert.That(Fit(Options(_model, folder.Path), _context.Data.LoadFromEnumerable(QueryRow.Many(2))), Is.Not.EqualTo(before));
        Assert.That(LogLines(folder.Path).Distinct().Count(line => line.StartsWith("{\"step\"", StringComparison.Ordinal)), Is.EqualTo(Steps));
    }

    private static void Change(string archive, string entry, Func<string, string> change)
    {
        using ZipArchive zip = ZipFile.Open(archive, ZipArchiveMode.Update);
        ZipArchiveEntry old = zip.GetEntry(entry)!;
        string text;
        using (var reader = new StreamReader(old.Open())) text = reader.ReadToEnd();
        old.Delete();
        using var writer = new StreamWriter(zip.CreateEntry(entry).Open());
        string changed = change(text);
        Assert.That(changed, Is.Not.EqualTo(text));
        writer.Write(changed);
    }

    private sealed class SpoiledFrom(int step) : ICandidateReward
    {
        private int _asked;

        public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
        {
            new PlainReward().Score(candidates, groupSizes, rewards);
            if (++_asked >= step) rewards[0] = float.NaN;
        }

        public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]>();

        public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
        {
        }
    }
}
