using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Answers the held-out rows and remembers how good it was, and when it was best.</summary>
/// <param name="source">The held-out examples; every validation reads all of them.</param>
/// <param name="group">The processes that share the rows out batch by batch; null for this one alone.</param>
internal sealed class Validation(IExampleSource source, ValidationOptions options, IProcessGroup? group = null)
{
    private const int BatchSize = 32;

    private readonly IProcessGroup _group = group ?? SingleProcess.Instance;

    /// <summary>So far; put back when a run is resumed.</summary>
    public ValidationState State { get; set; } = new(null, 0);

    /// <summary>Whether training should stop: there were too many validations without a better one.</summary>
    public bool ShouldStop => options.Patience > 0 && State.WithoutGain >= options.Patience;

    public bool IsDue(int step, int steps) => step % options.EveryNSteps == 0 || step == steps;

    /// <summary>Answers all rows greedily; a failed answer counts 0.</summary>
    public ValidationMetrics Run(DrSegModel model, int step)
    {
        // The words asked for are the classes that areas are summed by.
        var classes = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var results = new List<QueryResult[]>();
        foreach ((int number, SegmentationExample[] batch) in source.Once().Chunk(BatchSize).Index())
        {
            // Every process reads all rows, so that classes have the same numbers in all.
            foreach (SegmentationExample example in batch) classes.TryAdd(example.Query, classes.Count);
            if (!_group.IsOwn(number)) continue;
            PolicyPrompt[] prompts = [.. batch.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))];
            using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, AnswerSampling.Greedy);
            results.Add([.. batch.Select((example, i) => QueryResult.Measure(classes[example.Query], look.Masks[i][0], example.Mask)
                .WithObjects(look.Answers[i][0].Objects ?? [], [.. example.Objects.Select(SegmentedObject.Of)], example.Mask.Width, example.Mask.Height))]);
        }
        var metrics = SegmentationMetrics.From(_group.InOrder(results));
        bool better = State.Best is not { } best || metrics.GeneralizedIoU > best.GeneralizedIoU + options.SmallestGain;
        State = better ? new(new(step, metrics.GeneralizedIoU), 0) : State with { WithoutGain = State.WithoutGain + 1 };
        return new ValidationMetrics(step, metrics.QueryCount, metrics.GeneralizedIoU, metrics.MeanIoU, metrics.CumulativeIoU, metrics.FailedShare, better)
        {
            CountAccuracy = metrics.CountAccuracy!.Value,
            AbsentAccuracy = metrics.AbsentAccuracy,
        };
    }
}

/// <summary>The best validation so far, and how many in a row were not better.</summary>
internal sealed record ValidationState(BestValidation? Best, int WithoutGain);

/// <summary>The best validation so far.</summary>
internal readonly record struct BestValidation(int Step, double GeneralizedIoU);

/// <summary>What a validation measured.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Queries">Rows answered.</param>
/// <param name="GeneralizedIoU">gIoU: mean IoU over rows.</param>
/// <param name="MeanIoU">mIoU over the things asked for.</param>
/// <param name="CumulativeIoU">cIoU: all intersections over all unions.</param>
/// <param name="FailedShare">Share of answers that could not be parsed; they count 0.</param>
/// <param name="IsBest">Whether its gIoU is the best so far.</param>
public sealed record ValidationMetrics(
    int Step, long Queries, double GeneralizedIoU, double MeanIoU, double CumulativeIoU, double FailedShare, bool IsBest)
{
    /// <summary>Share of rows answered with as many objects as there are.</summary>
    public double CountAccuracy { get; init; }

    /// <summary>Share of the rows whose thing is absent that were answered with nothing; null where there are none.</summary>
    public double? AbsentAccuracy { get; init; }
}
