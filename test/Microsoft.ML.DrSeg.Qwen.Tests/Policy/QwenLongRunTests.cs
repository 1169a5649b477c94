using System.Diagnostics;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Whether training keeps its memory over many steps; takes minutes, so it runs when asked for.</summary>
[Platform("Linux")]
public class QwenLongRunTests
{
    private const int Steps = 500, EveryNSteps = 50, Rows = 12;

    [Test, Explicit("Takes minutes.")]
    public void TensorsAndMemoryStayTheSame()
    {
        var context = new MLContext(1);
        using DrSegModel start = TaughtQwen.Folder.Load();
        using var run = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        var tensors = new List<long>();
        var megabytes = new List<double>();
        void Read(GrpoStepMetrics metrics)
        {
            if (metrics.Step % EveryNSteps != 0) return;
            tensors.Add(Alive());
            megabytes.Add(ResidentMemory.Bytes() / 1e6);
            TestContext.Progress.WriteLine($"step {metrics.Step}, {clock.Elapsed.TotalSeconds:0} s: {tensors[^1]} tensors, {megabytes[^1]:0.0} MB");
        }
        using GrpoSegmentationTransformer trained = context.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = start,
            LabelColumnName = nameof(SceneRow.Mask),
            Reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.WithinGroup }),
            Training = new()
            {
                Steps = Steps,
                Run = new RunOptions(run.Path) { CheckpointEveryNSteps = EveryNSteps },
                Sampling = new() { QueriesPerStep = 2, GroupSize = 4, LookToConfirm = new() { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.5f } },
                Optimizer = new() { LearningRate = 1e-3, ConfirmationLearningRate = 1e-3 },
            },
            Progress = new Told<GrpoStepMetrics>(Read),
        }).Fit(context.Data.LoadFromEnumerable(SceneRow.Many(Rows)));
        // Rows that are read ahead come and go; one tensor a step would be hundreds.
        Assert.That(tensors[^1], Is.EqualTo(tensors[1]).Within(20));
        Assert.That(megabytes[^1] - megabytes[1], Is.LessThan(0.1 * megabytes[1]));
    }

    // Tensors that the thread that trains has made less those that it has disposed.
    private static long Alive() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
