using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>Short runs of a tiny model, and what they leave behind.</summary>
internal static class RunTestBench
{
    public const int Steps = 6;

    public static GrpoSegmentationTrainer.Options Options(DrSegModel model, string folder, Action<GrpoSegmentationTrainer.Options>? change = null)
    {
        var options = new GrpoSegmentationTrainer.Options
        {
            BaseModel = model,
            Training = new()
            {
                Steps = Steps,
                Run = new RunOptions(folder) { CheckpointEveryNSteps = 2, KeepCheckpoints = 2, TensorBoard = false },
                Sampling = new() { QueriesPerStep = 3, GroupSize = 4 },
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>Trains, and gives the policy's weights.</summary>
    public static float[] Fit(GrpoSegmentationTrainer.Options options, IDataView? data = null)
    {
        var context = new MLContext(1);
        using GrpoSegmentationTransformer fitted = context.DrSeg().Trainers.GrpoSegmentation(options).Fit(data ?? context.Data.LoadFromEnumerable(QueryRow.Many(7)));
        return TinyModel.PolicyWeights(fitted.Model);
    }

    /// <summary>Trains until so many steps are reported, then asks for a stop.</summary>
    public static void FitUntil(GrpoSegmentationTrainer.Options options, int steps, IDataView? data = null)
    {
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step == steps) source.Cancel();
        });
        NUnit.Framework.Assert.That(() => Fit(options, data), NUnit.Framework.Throws.InstanceOf<OperationCanceledException>().With.Message.Contains($"after step {steps} of").And.Message.Contains("--resume"));
    }
}
