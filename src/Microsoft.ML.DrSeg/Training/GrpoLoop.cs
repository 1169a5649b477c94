using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training.Runs;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Group relative policy optimisation, step by step: answer every query several times, measure the masks, turn
/// measurements into rewards and rewards into advantages, and make better answers likelier. Look-to-Confirm changes
/// how answers are made, the ranked reward how they are valued; the loop stays the same.
/// </summary>
internal sealed class GrpoLoop : IDisposable
{
    private readonly DrSegModel model;
    private readonly GrpoSegmentationTrainer.Options options;
    private readonly GrpoObjective objective;
    private readonly ICandidateReward reward;
    private readonly StepClock clock = new();
    private readonly RolloutSampler sampler;
    private readonly OptimizationStep optimization;

    /// <summary>Prepares training of a model's policy, in place; segmenter and confirming head stay frozen.</summary>
    public GrpoLoop(DrSegModel model, GrpoSegmentationTrainer.Options options)
    {
        this.model = model;
        this.options = options;
        objective = options.Objective(model.Policy.LongestAnswer);
        reward = options.Reward ?? new PlainReward();
        sampler = new RolloutSampler(model, options, clock);
        if (HasReference) model.Policy.FreezeReference();
        optimization = new OptimizationStep("GRPO", model.Policy.Parameters(),
            new LearningRateSchedule(options.LearningRate, options.Steps * options.UpdatesPerStep, Floor: 0) { Shape = options.LearningRateShape, WarmUp = options.WarmUpShare },
            options.LargestGradientNorm);
    }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Values the candidates.</summary>
    public ICandidateReward Reward => reward;

    /// <summary>Gives what training has gathered beside the policy's weights: the optimiser's and the reference's tensors, not copies of them.</summary>
    /// <param name="tensors">Receives them by name.</param>
    public (int Updates, long[] ParameterSteps) Save(IDictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in ReferenceTensors()) tensors.Add(name, tensor);
        return optimization.Save(tensors);
    }

    /// <summary>Goes on from a checkpoint, whose model this loop trains.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing or has another shape, or the reward is another.</exception>
    public void Restore(TrainingCheckpoint state, Dictionary<string, (long[] Shape, float[] Values)> tensors)
    {
        foreach ((string name, Tensor tensor) in ReferenceTensors()) tensors.Take(name, tensor);
        optimization.Restore(state.Updates, state.ParameterSteps, tensors);
        try
        {
            reward.RestoreState(state.Reward);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"The checkpoint was written with another reward: {error.Message} Resume with the reward that the run began with.", error);
        }
        StepsDone = state.Step;
    }

    /// <summary>One step on one batch of examples.</summary>
    /// <param name="examples">The queries with their truth.</param>
    /// <param name="fresh">Gives more examples, to replace those whose answers have nothing to teach; null to keep them.</param>
    /// <param name="inspect">Shown the answers and what they were worth, before they are disposed; null for nobody.</param>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="InvalidOperationException">The reward failed; the message names step and examples.</exception>
    public GrpoStepMetrics Step(
        IReadOnlyList<SegmentationExample> examples, Func<int, IReadOnlyList<SegmentationExample>>? fresh = null, Action<Rollout, ScoredRollout>? inspect = null)
    {
        using var scope = NewDisposeScope();
        clock.Restart();
        (Rollout answered, ScoredRollout scored, int resampled) = Sample(examples, fresh);
        using Rollout rollout = answered;
        (GrpoLoss.Terms first, GrpoLoss.Terms last, double gradientNorm) = clock.Measure(StepPhase.Update, () => Update(rollout, scored));
        StepsDone++;
        if (HasReference && options.ReferenceSyncEveryNSteps > 0 && StepsDone % options.ReferenceSyncEveryNSteps == 0)
            model.Policy.FreezeReference();
        inspect?.Invoke(rollout, scored);
        return Measure(rollout, scored, resampled, first, last, gradientNorm);
    }

    /// <inheritdoc/>
    public void Dispose() => optimization.Dispose();

    private bool HasReference => options.DivergenceWeight > 0;

    // Answers and values the queries of a step; those without signal are answered anew with others, a bounded number of times.
    private (Rollout Rollout, ScoredRollout Scored, int Resampled) Sample(
        IReadOnlyList<SegmentationExample> examples, Func<int, IReadOnlyList<SegmentationExample>>? fresh)
    {
        IReadOnlyDictionary<RewardComponent, double[]>? memory = options.ResampleAttempts > 0 ? reward.SaveState() : null;
        Rollout rollout = sampler.Answer(examples, StepsDone);
        try
        {
            ScoredRollout scored = clock.Measure(StepPhase.Rewards, () => Score(rollout));
            int resampled = 0;
            for (int attempt = 0; attempt < options.ResampleAttempts && fresh is not null; attempt++)
            {
                int[] silent = scored.QueriesWithoutSignal(rollout);
                if (silent.Length == 0) break;
                rollout = rollout.Replace(silent, sampler.Answer(fresh(silent.Length), StepsDone));
                resampled += silent.Length;
                // A step is rewarded once: what the reward learned from the answers left out is forgotten.
                reward.RestoreState(memory!);
                scored = clock.Measure(StepPhase.Rewards, () => Score(rollout));
            }
            return (rollout, scored, resampled);
        }
        catch
        {
            rollout.Dispose();
            throw;
        }
    }

    private ScoredRollout Score(Rollout rollout)
    {
        float[] rewards = Rewards(rollout, out CandidateMetrics[] measured, out RewardDiagnostics? diagnostics);
        var advantages = new float[rewards.Length];
        int withoutSpread = GroupAdvantages.Compute(rewards, rollout.PromptSizes, options.AdvantageScaling, advantages);
        return new ScoredRollout(measured, rewards, advantages, withoutSpread, diagnostics);
    }

    private float[] Rewards(Rollout rollout, out CandidateMetrics[] measured, out RewardDiagnostics? diagnostics)
    {
        // Candidates in the order of the looks, for the loss ...
        Candidate[] candidates = [.. rollout.Candidates()];
        GroundTruth[] truths = [.. rollout.Examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        var metrics = new CandidateMetrics[candidates.Length];
        Parallel.For(0, metrics.Length, i =>
        {
            (int query, GeneratedAnswer generated, SegmentationMask? mask) = candidates[i];
            metrics[i] = CandidateMetrics.Measure(generated, mask, truths[query]);
        });

        // ... and query by query, for the ranking.
        int[] byQuery = [.. Enumerable.Range(0, metrics.Length).OrderBy(i => candidates[i].Query)];
        int[] querySizes = [.. candidates.CountBy(candidate => candidate.Query).OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        var ranked = new float[metrics.Length];
        // What the reward leaves out stays NaN and is found.
        Array.Fill(ranked, float.NaN);
        try
        {
            CandidateMetrics[] queryByQuery = [.. byQuery.Select(i => metrics[i])];
            reward.Score(queryByQuery, querySizes, ranked);
            diagnostics = reward.Diagnose(queryByQuery, querySizes);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"The reward {reward.GetType().Name} failed at {Where(rollout.Examples)}: {error.Message} Mend the reward; the weights are those of the step before.", error);
        }
        int unrewarded = Array.FindIndex(ranked, value => !float.IsFinite(value));
        if (unrewarded >= 0)
        {
            SegmentationExample example = rollout.Examples[candidates[byQuery[unrewarded]].Query];
            throw new InvalidOperationException($"The reward {reward.GetType().Name} gave {ranked[unrewarded]} to an answer to example {example.Id} ('{example.Query}') at {Where(rollout.Examples)}; every candidate needs a finite reward. Mend the reward; the weights are those of the step before.");
        }
        var rewards = new float[metrics.Length];
        for (int i = 0; i < byQuery.Length; i++) rewards[byQuery[i]] = ranked[i];
        measured = metrics;
        return rewards;
    }

    // Several updates on the same answers: from the second on, the policy is no longer the one that drew them.
    private (GrpoLoss.Terms First, GrpoLoss.Terms Last, double GradientNorm) Update(Rollout rollout, ScoredRollout scored)
    {
        AnswerTensors[] parts = AnswerTensors.Of(rollout, scored.Advantages, IsLearnedFrom, objective, HasReference ? model.Policy : null, model.Device);
        GrpoLoss.Terms? first = null, last = null;
        double gradientNorm = 0;
        for (int update = 0; update < options.UpdatesPerStep; update++)
        {
            var terms = new GrpoLoss.Terms[parts.Length];
            // The figure is that of the first update.
            EntropyUse entropy = objective.EntropyWeight > 0 ? EntropyUse.Loss : update == 0 ? EntropyUse.Figure : EntropyUse.None;
            var scoring = new ScoreOptions { Gradient = true, Entropy = entropy };
            for (int i = 0; i < parts.Length; i++)
            {
                AnswerTensors part = parts[i];
                using ScoredTokens now = model.Policy.ScoreChecked(part.Prompts, part.Tokens, part.Mask, scoring, () => Where(rollout.Examples));
                terms[i] = GrpoLoss.Compute(now, part.Mask, part.LogProbabilities, part.ReferenceLogProbabilities, part.Advantages, objective);
                optimization.Backward(terms[i].Loss.Times(part.Weight), now, () => Where(rollout.Examples));
            }
            gradientNorm = optimization.Apply(() => Where(rollout.Examples));
            last = Mean(terms, parts);
            first ??= last;
        }
        return (first!, last!, gradientNorm);
    }

    private bool IsLearnedFrom(GeneratedAnswer answer) =>
        !(options.MaskFailedAnswers && answer.Failure is not null) && !(options.MaskOverlongAnswers && !answer.Ended);

    private GrpoStepMetrics Measure(Rollout rollout, ScoredRollout scored, int resampled, GrpoLoss.Terms first, GrpoLoss.Terms last, double gradientNorm)
    {
        GeneratedAnswer[] answers = [.. rollout.Candidates().Select(candidate => candidate.Generated)];
        int tokens = answers.Sum(answer => answer.Tokens.Length);
        return new GrpoStepMetrics
        {
            Step = StepsDone,
            Steps = options.Steps,
            Reward = scored.Rewards.Average(),
            RewardSpread = Spread(scored.Rewards),
            MaskIoU = scored.Measured.Average(metrics => metrics.IsFailed ? 0 : metrics.MaskIoU),
            BoxIoU = scored.Measured.Average(metrics => metrics.IsFailed ? 0 : metrics.BoxIoU),
            FailedShare = scored.Measured.Average(metrics => metrics.IsFailed ? 1.0 : 0.0),
            OverlongShare = answers.Average(answer => answer.Ended ? 0.0 : 1.0),
            GroupsWithoutSpread = (double)scored.GroupsWithoutSpread / rollout.PromptSizes.Length,
            ResampledQueries = resampled,
            SecondLookShare = rollout.SecondLookShare,
            Loss = first.Loss.item<float>(),
            Divergence = first.Divergence,
            ClippedShare = last.ClippedShare,
            Entropy = first.Entropy,
            GradientNorm = gradientNorm,
            LearningRate = optimization.LearningRate,
            AnswerLength = (double)tokens / answers.Length,
            RewardDiagnostics = scored.Diagnostics,
            Timing = clock.Read(tokens),
        };
    }

    // Only the compact policy's is written down: a model of other parts is not trained with checkpoints.
    private IEnumerable<(string Name, Tensor Tensor)> ReferenceTensors() =>
        !HasReference ? [] : model.CompactPolicy.Reference!.parameters().Select((parameter, index) => ($"reference.{index}", (Tensor)parameter));

    // The looks of a step together, each as heavy as its share of the loss.
    private static GrpoLoss.Terms Mean(GrpoLoss.Terms[] terms, AnswerTensors[] parts)
    {
        double Of(Func<GrpoLoss.Terms, double> figure) => terms.Zip(parts, (one, part) => part.Weight * figure(one)).Sum();
        return new GrpoLoss.Terms(
            tensor((float)Of(one => one.Loss.detach().cpu().item<float>())), Of(one => one.Divergence), Of(one => one.ClippedShare), Of(one => one.Entropy));
    }

    private string Where(IReadOnlyList<SegmentationExample> examples) =>
        $"step {StepsDone + 1} (examples {string.Join(", ", examples.Select(example => example.Id))})";

    private static double Spread(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
