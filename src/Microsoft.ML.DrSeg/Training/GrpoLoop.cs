using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Group relative policy optimisation, step by step: answer every query several times, measure the masks, turn
/// measurements into rewards and rewards into advantages, and make better answers likelier. Look-to-Confirm changes
/// how answers are made, the ranked reward how they are valued; the loop stays the same.
/// </summary>
internal sealed class GrpoLoop : IDisposable
{
    private readonly GrpoOptions _options;
    private readonly IProcessGroup _group;
    private readonly StepClock _clock = new();
    private readonly RolloutSampler _sampler;
    private readonly ReferencePolicy _reference;
    private readonly OptimizationStep _optimization;
    private readonly PolicyUpdate _update;
    private readonly ConfirmationLearning? _confirmation;

    /// <summary>Prepares training of a model's policy, in place, and, where options say so, its confirming head; the segmenter stays frozen.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to train.</param>
    /// <param name="reward">Values the candidates; null for their mask IoU.</param>
    /// <param name="group">The processes that share every step; null for this one alone.</param>
    public GrpoLoop(DrSegModel model, GrpoOptions options, ICandidateReward? reward = null, IProcessGroup? group = null)
    {
        _options = options;
        _group = group is null ? SingleProcess.Instance : new TimedProcessGroup(group, _clock);
        Reward = reward ?? new PlainReward();
        _sampler = new RolloutSampler(model, options.Sampling, options.Seed, _clock);
        _reference = new ReferencePolicy(model, options.Objective);
        _optimization = new OptimizationStep("GRPO", model.Policy.Parameters(),
            options.Optimizer.Schedule(options.Optimizer.LearningRate, options.Steps * options.Optimizer.UpdatesPerStep), options.Optimizer.LargestGradientNorm, group: _group);
        _update = new PolicyUpdate(model, options.Objective, options.Optimizer.UpdatesPerStep, _reference, _optimization, _clock, _group);
        _confirmation = ConfirmationLearning.Begin(model.Confirmation, options, _group);
    }

    public int StepsDone { get; private set; }

    public ICandidateReward Reward { get; }

    /// <param name="examples">The examples of the whole step; of a group of processes each answers its share.</param>
    /// <param name="fresh">Gives more examples, to replace those whose answers have nothing to teach; null to keep them.</param>
    /// <param name="inspect">Shown the answers and what they were worth, before they are disposed; null for nobody.</param>
    public GrpoStepMetrics Step(
        IReadOnlyList<SegmentationExample> examples, Func<int, IReadOnlyList<SegmentationExample>>? fresh = null, Action<Rollout, ScoredRollout>? inspect = null)
    {
        using var scope = NewDisposeScope();
        _clock.Restart();
        var resampling = new Resampling(_sampler, Reward, _options.Sampling.ResampleAttempts, fresh, StepShare.Of(_group, examples));
        using Rollout rollout = _sampler.Answer(resampling.Share.Own, StepsDone + 1);
        ScoredRollout scored;
        do
        {
            using var timed = _clock.Measure(StepPhase.Rewards);
            scored = ScoredRollout.Of(rollout, resampling.Share, Reward, _options.Objective.AdvantageScaling);
        }
        while (resampling.Replace(rollout, scored));
        UpdateFigures learned = _update.MinimiseLoss(rollout, scored);
        double? confirmationLoss = _confirmation?.Learn(rollout, scored.Step);
        _reference.Follow(++StepsDone);
        inspect?.Invoke(rollout, scored);
        return StepReport.Of(rollout, scored.Step, resampling.Share, learned, resampling.Replaced, _options.Steps, _clock) with { ConfirmationLoss = confirmationLoss };
    }

    /// <summary>Gives what training has gathered beside the policy's weights: the optimiser's and the reference's tensors, not copies of them.</summary>
    /// <param name="tensors">Receives them by name.</param>
    /// <returns>How far the policy's optimiser has come, and the confirming head's where it learns.</returns>
    public (OptimizerProgress Policy, OptimizerProgress? Confirmation) Save(IDictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in _reference.Tensors()) tensors.Add(name, tensor);
        return (_optimization.Save(tensors), _confirmation?.Save(tensors));
    }

    /// <summary>Goes on from a checkpoint, whose model this loop trains.</summary>
    public void Restore(TrainingCheckpoint state, Dictionary<string, (long[] Shape, float[] Values)> tensors)
    {
        _reference.Restore(tensors);
        _optimization.Restore(new(state.Updates, state.ParameterSteps), tensors);
        _confirmation?.Restore(state.Confirmation ?? throw new InvalidDataException("The checkpoint was written without a confirming head that learns. Begin in another folder."), tensors);
        try
        {
            Reward.RestoreState(state.Reward);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"The checkpoint was written with another reward: {error.Message} Resume with the reward that the run began with.", error);
        }
        StepsDone = state.Step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimization.Dispose();
        _confirmation?.Dispose();
    }
}
