using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>Changes one part of a trainer's options and leaves the others as they are.</summary>
internal static class OptionChanges
{
    public static void Train(this GrpoSegmentationTrainer.Options options, Func<GrpoOptions, GrpoOptions> change) => options.Training = change(options.Training);

    public static void Sample(this GrpoSegmentationTrainer.Options options, Func<SamplingOptions, SamplingOptions> change) =>
        options.Train(training => training with { Sampling = change(training.Sampling) });

    public static void Aim(this GrpoSegmentationTrainer.Options options, Func<ObjectiveOptions, ObjectiveOptions> change) =>
        options.Train(training => training with { Objective = change(training.Objective) });

    public static void Optimize(this GrpoSegmentationTrainer.Options options, Func<OptimizerOptions, OptimizerOptions> change) =>
        options.Train(training => training with { Optimizer = change(training.Optimizer) });

    public static void Write(this GrpoSegmentationTrainer.Options options, Func<RunOptions, RunOptions> change) =>
        options.Train(training => training with { Run = change(training.Run!) });

    public static void HoldOut(this GrpoSegmentationTrainer.Options options, IDataView data, ValidationOptions how)
    {
        options.ValidationData = data;
        options.Train(training => training with { Validation = how });
    }
}
