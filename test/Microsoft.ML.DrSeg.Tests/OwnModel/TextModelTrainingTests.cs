using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Training;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>A model of foreign parts learns, with everything that the shipped one learns with.</summary>
public class TextModelTrainingTests
{
    private readonly MLContext _context = new(1);

    // Mean mask IoU, agreement of counts, and mask IoU where nothing is there, of the greedy answers.
    private static double[] Measure(DrSegModel model, SegmentationExample[] examples)
    {
        using var look = Look.Take(model.Policy, model.Segmenter, [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))], 1, AnswerSampling.Greedy);
        CandidateMetrics[] measured = [.. examples.Select((example, i) => CandidateMetrics.Measure(look.Answers[i][0], look.Masks[i][0], new GroundTruth(example.Mask, example.Objects)))];
        bool[] absent = [.. examples.Select(example => example.Objects.Count == 0)];
        return
        [
            measured.Average(metrics => metrics.MaskIoU),
            measured.Average(metrics => metrics.CountScore),
            measured.Where((_, i) => absent[i]).Average(metrics => metrics.MaskIoU),
        ];
    }

    [Test]
    public void ItLearnsSeveralObjectsAndThatNothingIsThere()
    {
        using DrSegModel start = TextModel.Fresh();
        float[] before = TextModel.Weights(start);
        SegmentationExample[] heldOut = TextModelRow.Examples(10_000, 200);
        var told = new List<GrpoStepMetrics>();
        GrpoSegmentationTrainer.Options options = TextModelRow.Options(start, steps: 200);
        options.Progress = new Told<GrpoStepMetrics>(told.Add);
        using GrpoSegmentationTransformer trained = _context.DrSeg().Trainers.GrpoSegmentation(options).Fit(_context.Data.LoadFromEnumerable(TextModelRow.Many(96)));

        double[] first = Measure(start, heldOut), last = Measure(trained.Model, heldOut);
        double Mean(Func<GrpoStepMetrics, double> figure, Range steps) => told.ToArray()[steps].Average(figure);
        TestContext.Out.WriteLine($"mask IoU, count, absent: {string.Join(", ", first.Zip(last, (a, b) => $"{a:0.00} -> {b:0.00}"))}");
        // What is ranked among the last answers earns about as much whether all get better or none: only what is measured alike tells.
        Assert.Multiple(() =>
        {
            Assert.That(TextModel.Weights(start), Is.EqualTo(before), "a copy was trained");
            Assert.That(last[0], Is.GreaterThan(first[0] + 0.3), "mask IoU");
            Assert.That(last[1], Is.GreaterThan(first[1] + 0.2), "count");
            Assert.That(last[2], Is.GreaterThan(first[2] + 0.1), "absent things");
            Assert.That(Mean(metrics => metrics.MaskIoU, ^10..), Is.GreaterThan(Mean(metrics => metrics.MaskIoU, ..10) + 0.2), "of the answers drawn");
            Assert.That(told.Select(metrics => metrics.SecondLookShare), Has.Some.Positive);
        });
    }

    [Test]
    public void ARunThatIsBrokenOffAndResumedIsTheSame([Values(0, 2)] int syncEveryNSteps)
    {
        const int Steps = 5, Stop = 3;
        ModelFormat.Register(TextModelFormat.Instance);
        using DrSegModel start = TextModel.Fresh();
        using TemporaryFolder whole = new(), parts = new();
        IDataView rows = _context.Data.LoadFromEnumerable(TextModelRow.Many(20));
        GrpoSegmentationTrainer.Options Options(string folder, bool resume = false)
        {
            GrpoSegmentationTrainer.Options options = TextModelRow.Options(start, Steps, new RunOptions(folder) { Resume = resume, TensorBoard = false });
            options.Aim(objective => objective with { ReferenceSyncEveryNSteps = syncEveryNSteps });
            options.ValidationData = rows;
            options.Write(run => run with { SampleEveryNSteps = 2, CheckpointEveryNSteps = 2 });
            return options;
        }
        float[] expected = Fit(Options(whole.Path), rows);
        FitUntil(Options(parts.Path), Stop, rows);
        Assert.That(Fit(Options(parts.Path, resume: true), rows), Is.EqualTo(expected));
        Assert.That(LogLines(parts.Path), Is.EqualTo(LogLines(whole.Path)));
        Assert.That(LastCheckpoint(parts.Path), Is.EqualTo(LastCheckpoint(whole.Path)));
        // Where the reference is the policy without its adapter there is nothing to keep.
        Assert.That(LastCheckpoint(whole.Path).AsSpan().IndexOf("reference.down"u8) >= 0, Is.EqualTo(syncEveryNSteps > 0));
        using var checkpoint = DrSegModel.Load(parts.File($"checkpoints/step-{Steps:00000000}.drseg"));
        Assert.That(checkpoint.Policy.Parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray()), Is.EqualTo(expected));
        Assert.That(TextModel.Weights(checkpoint), Is.Not.EqualTo(TextModel.Weights(start)));
    }

    [Test]
    public void ARunIsNotResumedWithAModelOfAnotherKind()
    {
        using DrSegModel start = TextModel.Fresh(), other = TextModel.Fresh(format: new TextModelFormat("Syllables"));
        using var folder = new TemporaryFolder();
        ModelFormat.Register(TextModelFormat.Instance);
        IDataView rows = _context.Data.LoadFromEnumerable(TextModelRow.Many(8));
        FitUntil(TextModelRow.Options(start, steps: 3, new RunOptions(folder.Path)), 1, rows);
        Assert.That(() => Fit(TextModelRow.Options(other, steps: 3, new RunOptions(folder.Path) { Resume = true }), rows), Throws.InvalidOperationException.With.Message.Contains("its model is of another kind"));
    }
}
