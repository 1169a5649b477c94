using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Trains a whole model from nothing, part after part: the segmenter, then the policy on first looks, then the policy
/// on first and second looks, then the confirming head on the finished policy's proposals, then the threshold.
/// </summary>
internal static class Pretrainer
{
    private const int BatchesAhead = 2;
    private const double FinalLearningRate = 0.02;
    private const int ThresholdBatch = 64;

    /// <summary>Trains a model.</summary>
    /// <param name="shape">Sizes and words.</param>
    /// <param name="examples">The example of a number: the same for the same number, safe to call from several threads.</param>
    /// <param name="options">How long and how fast.</param>
    /// <param name="device">Where to train; null for the processor.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>The trained model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static DrSegModel Train(
        CompactModelShape shape, Func<long, SegmentationExample> examples, PretrainingOptions options, Device? device = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(options);
        OptionReading.Require(options);
        manual_seed((long)options.Seed);
        var model = CompactModel.Create(shape, device);
        try
        {
            var run = new Run(model, examples, options, progress, cancellationToken);
            run.TrainSegmenter();
            run.TrainPolicy();
            model.CompactConfirmation.SeeLike(model.CompactPolicy);
            run.TrainConfirmation(model.CompactConfirmation);
            model.Threshold = run.LearnThreshold();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Trains a model further, in place: the same parts in the same order, then the threshold anew. A part of 0 steps stays as it is.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="examples">As for <see cref="Train"/>; examples that the model has not seen teach it the most.</param>
    /// <param name="options">How long and how fast.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static void Continue(
        DrSegModel model, Func<long, SegmentationExample> examples, PretrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(options);
        OptionReading.Require(options);
        manual_seed((long)options.Seed);
        var run = new Run(model, examples, options, progress, cancellationToken);
        run.TrainSegmenter();
        run.TrainPolicy();
        run.TrainConfirmation(model.CompactConfirmation);
        model.Threshold = run.LearnThreshold();
    }

    /// <summary>Trains a fresh confirming head on a model's proposals; the model's own head stays as it is.</summary>
    /// <param name="model">Whose policy and segmenter propose.</param>
    /// <param name="head">The head, which stays the caller's.</param>
    /// <param name="examples">As for <see cref="Train"/>.</param>
    /// <param name="options">How long and how fast.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public static void TrainConfirmation(
        DrSegModel model, CompactConfirmation head, Func<long, SegmentationExample> examples, PretrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(options);
        OptionReading.Require(options);
        head.SeeLike(model.CompactPolicy);
        new Run(model, examples, options, progress, cancellationToken).TrainConfirmation(head);
    }

    private sealed class Run(
        DrSegModel model, Func<long, SegmentationExample> examples, PretrainingOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        // Every stage goes on with examples that no stage before it has seen.
        private long _firstExample;

        public void TrainSegmenter()
        {
            int size = model.CompactSegmenter.Shape.CropSize;
            Repeat("segmenter", options.SegmenterSteps, options.LearningRate, model.CompactSegmenter.Parameters(),
                batch => SegmenterTraining.Make(batch, size, options.Seed),
                (batch, _) => batch.Prompts.Length == 0 ? null : SegmenterTraining.Loss(model.CompactSegmenter, batch));
        }

        public void TrainPolicy()
        {
            Repeat("policy", options.PolicySteps, options.LearningRate, model.Policy.Parameters(),
                batch => batch,
                (batch, step) =>
                {
                    if (step < options.PolicySteps * options.FirstLooksOnlyShare)
                        return PolicyWarmUp.Loss(model, PolicyWarmUp.FirstLooks(batch, model, options.Seed));
                    int half = batch.Length / 2;
                    PolicyWarmUp.Lesson[] lessons =
                    [
                        .. PolicyWarmUp.FirstLooks(batch[..half], model, options.Seed),
                        .. PolicyWarmUp.SecondLooks(batch[half..], model, options.Seed + (ulong)step),
                    ];
                    return PolicyWarmUp.Loss(model, lessons);
                });
        }

        public void TrainConfirmation(CompactConfirmation head)
        {
            int proposing = Math.Max(1, options.BatchSize / 4);
            Repeat("confirmation", options.ConfirmationSteps, options.LearningRate, head.Parameters(),
                batch => batch[..proposing],
                (batch, step) =>
                {
                    ConfirmationTraining.Lesson[] lessons = ConfirmationTraining.Propose(batch, model, options.Seed + (ulong)step);
                    // A policy that has learned too little gives no answer to learn from.
                    return lessons.Length == 0 ? null : head.Loss([.. lessons.Select(lesson => lesson.Prompt)], [.. lessons.Select(lesson => lesson.Truth)]);
                });
        }

        public float LearnThreshold()
        {
            var learning = new ThresholdLearning(model, options.Looking, options.Seed);
            for (int done = 0; done < options.ThresholdExamples; done += ThresholdBatch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                learning.Add(Examples(_firstExample + done, Math.Min(ThresholdBatch, options.ThresholdExamples - done)));
                Report("threshold", learning.Count, options.ThresholdExamples, []);
            }
            _firstExample += options.ThresholdExamples;
            return learning.Count == 0 ? 0 : learning.Threshold(options.SecondLookCost);
        }

        private void Repeat<TBatch>(
            string stage, int steps, double learningRate, IEnumerable<TorchSharp.Modules.Parameter> parameters,
            Func<SegmentationExample[], TBatch> make, Func<TBatch, int, Tensor?> loss)
        {
            if (steps == 0) return;
            using var optimization = new OptimizationStep(stage, parameters, new LearningRateSchedule(learningRate, steps, FinalLearningRate));
            long first = _firstExample;
            using var ahead = new ReadAhead<TBatch>(
                Enumerable.Range(0, steps).Select(number => make(Examples(first + (long)number * options.BatchSize, options.BatchSize))), BatchesAhead);
            int step = 0;
            foreach (TBatch batch in ahead.Rest(cancellationToken))
            {
                using var scope = NewDisposeScope();
                var metrics = new Dictionary<string, double>();
                if (loss(batch, step) is { } value)
                {
                    metrics["loss"] = optimization.Backward(value);
                    metrics["gradient norm"] = optimization.Apply();
                }
                Report(stage, ++step, steps, metrics);
            }
            _firstExample += (long)steps * options.BatchSize;
        }

        private SegmentationExample[] Examples(long first, int count)
        {
            var batch = new SegmentationExample[count];
            Parallel.For(0, count, i => batch[i] = examples(first + i));
            return batch;
        }

        private void Report(string stage, int step, int steps, Dictionary<string, double> metrics) =>
            progress?.Report(new TrainingProgress(stage, step, steps, metrics));
    }
}

/// <summary>How <see cref="Pretrainer"/> trains.</summary>
internal sealed record PretrainingOptions : IOptionRecord
{
    /// <summary>Fixes the weights at the start and every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Examples a step, at least 4.</summary>
    [Range(4, int.MaxValue)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Peak learning rate of every stage.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1.5e-3;

    /// <summary>Steps of the segmenter.</summary>
    [Range(0, int.MaxValue)]
    public int SegmenterSteps { get; init; } = 500;

    /// <summary>Steps of the policy.</summary>
    [Range(0, int.MaxValue)]
    public int PolicySteps { get; init; } = 2400;

    /// <summary>Share of the policy's steps before it learns second looks, 0..1: its proposals must be worth a look.</summary>
    [Range(0.0, 1.0)]
    public double FirstLooksOnlyShare { get; init; } = 0.4;

    /// <summary>Steps of the confirming head, each on proposals for a quarter of a batch.</summary>
    [Range(0, int.MaxValue)]
    public int ConfirmationSteps { get; init; } = 700;

    /// <summary>Examples that the threshold is learned from.</summary>
    public int ThresholdExamples { get; init; } = 2000;

    /// <summary>Price of a second look, in IoU.</summary>
    public float SecondLookCost { get; init; } = ConfidenceThreshold.UsualCost;

    /// <summary>How much is looked when the threshold is learned.</summary>
    public LookToConfirmOptions Looking { get; init; } = new();
}
