using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

public class ValidationTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private List<ValidationMetrics> Validate(string? folder, IDataView held, Action<GrpoSegmentationTrainer.Options>? change = null)
    {
        var told = new List<ValidationMetrics>();
        Fit(Options(_model, folder ?? "unused", options =>
        {
            options.HoldOut(held, new() { EveryNSteps = 2 });
            options.ValidationProgress = new Told<ValidationMetrics>(told.Add);
            if (folder is null) options.Train(training => training with { Run = null });
            change?.Invoke(options);
        }));
        return told;
    }

    [Test]
    public void WeightsThatDrawNoAnswersAreADivergence() =>
        Assert.That(
            () => Validate(null, _context.Data.LoadFromEnumerable(QueryRow.Many(2)), options => options.Train(training => training with { Optimizer = new() { LearningRate = 1e30, WarmUpShare = 0 }, Validation = training.Validation! with { EveryNSteps = 1 } })),
            Throws.TypeOf<TrainingDivergedException>().With.Message.Contains("the validation after step 1").And.Message.Contains("lower learning rate"));

    [Test]
    public void ItIsOfTheGreedyAnswersToTheRowsGiven()
    {
        IDataView held = _context.Data.LoadFromEnumerable(TinyModel.Examples(40).Skip(25).Select(QueryRow.Of));
        // A learning rate that changes nothing: every validation is of the base model.
        List<ValidationMetrics> told = Validate(null, held, options => options.Optimize(optimizer => optimizer with { LearningRate = 1e-30 }));
        using var transformer = new GrpoSegmentationTransformer(_model.Clone());
        double[] expected = [.. Prediction.Of(_context, transformer.Transform(held)).Select((prediction, i) =>
            prediction.Answer.StartsWith("no answer", StringComparison.Ordinal) ? 0 : prediction.PredictedMask.IntersectionOverUnion(TinyModel.Example(25 + i).Mask))];
        Assert.That(told.Select(metrics => metrics.Step), Is.EqualTo(new[] { 2, 4, 6 }));
        Assert.That(told.Select(metrics => metrics.GeneralizedIoU), Is.All.EqualTo(expected.Average()).Within(1e-9));
        Assert.That(told.Select(metrics => metrics.Queries), Is.All.EqualTo(15));
        Assert.That(told.Select(metrics => metrics.IsBest), Is.EqualTo(new[] { true, false, false }));
    }

    [Test]
    public void ItLeavesTrainingAsItIs()
    {
        GrpoSegmentationTrainer.Options Without(Action<GrpoSegmentationTrainer.Options>? change = null) => Options(_model, "unused", options =>
        {
            options.Train(training => training with { Run = null });
            change?.Invoke(options);
        });
        Assert.That(
            Fit(Without(options => options.HoldOut(_context.Data.LoadFromEnumerable(QueryRow.Many(9)), new() { EveryNSteps = 1 }))),
            Is.EqualTo(Fit(Without())));
    }

    [Test]
    public void TooManyWithoutAGainStopEarlyAndTheBestIsKept()
    {
        using var folder = new TemporaryFolder();
        List<ValidationMetrics> told = Validate(folder.Path, _context.Data.LoadFromEnumerable(QueryRow.Many(6)), options =>
        {
            options.Optimize(optimizer => optimizer with { LearningRate = 1e-30 });
            options.Train(training => training with { Steps = 20, Validation = new() { EveryNSteps = 1, Patience = 4 } });
            options.Write(run => run with { CheckpointEveryNSteps = 1, KeepCheckpoints = 2 });
        });
        Assert.That(told, Has.Count.EqualTo(5));
        Assert.That(Checkpoints(folder.Path), Is.EqualTo(new[] { "step-00000001.drseg", "step-00000004.drseg", "step-00000005.drseg" }));
        Assert.That(LogLines(folder.Path)[^1], Does.Contain("stopped early"));
        // Resumed, it stays stopped.
        List<ValidationMetrics> again = Validate(folder.Path, _context.Data.LoadFromEnumerable(QueryRow.Many(6)), options =>
        {
            options.Optimize(optimizer => optimizer with { LearningRate = 1e-30 });
            options.Train(training => training with { Steps = 20, Validation = new() { EveryNSteps = 1, Patience = 4 } });
            options.Write(run => run with { CheckpointEveryNSteps = 1, KeepCheckpoints = 2, Resume = true });
        });
        Assert.That(again, Is.Empty);
    }

    [Test]
    public void SettingsAreCheckedAtOnce()
    {
        IDataView data = _context.Data.LoadFromEnumerable(QueryRow.Many(1));
        void Refuses(string option, Action<GrpoSegmentationTrainer.Options> change) =>
            Assert.That(() => _context.DrSeg().Trainers.GrpoSegmentation(Options(_model, "unused", change)), Throws.InstanceOf<ArgumentException>().With.Message.Contains(option), option);
        Assert.Multiple(() =>
        {
            Refuses("Validation.EveryNSteps", options => options.HoldOut(data, new() { EveryNSteps = 0 }));
            Refuses("Validation.Patience", options => options.HoldOut(data, new() { Patience = -1 }));
            Refuses("Validation.SmallestGain", options => options.HoldOut(data, new() { SmallestGain = double.NaN }));
            Refuses("ValidationData", options => options.Train(training => training with { Validation = new() }));
            Refuses("Run.Folder", options => options.Write(_ => new RunOptions("")));
            Refuses("Run.CheckpointEveryNSteps", options => options.Write(_ => new RunOptions("x") { CheckpointEveryNSteps = 0 }));
            Refuses("Run.KeepCheckpoints", options => options.Write(_ => new RunOptions("x") { KeepCheckpoints = 0 }));
            Refuses("Run.SampleEveryNSteps", options => options.Write(_ => new RunOptions("x") { SampleEveryNSteps = -1 }));
            Refuses("ShufflePoolSize", options => options.Sample(sampling => sampling with { ShufflePoolSize = -1 }));
        });
    }
}
