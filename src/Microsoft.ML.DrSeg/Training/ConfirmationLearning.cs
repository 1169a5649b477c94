using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Lets the confirming head learn while the policy does: from the masks of every step, whose IoU with the truth is known. So it learns
/// to judge the answers that this policy gives, and needs no training of its own.
/// </summary>
internal sealed class ConfirmationLearning : IDisposable
{
    private const string Stage = "confirmation";

    // Together in memory on the way back.
    private const int BatchSize = 64;

    private readonly IMaskConfirmation _confirmation;
    private readonly OptimizationStep _optimization;
    private readonly IProcessGroup _group;

    private ConfirmationLearning(IMaskConfirmation confirmation, IReadOnlyList<Parameter> parameters, GrpoOptions options, IProcessGroup group)
    {
        _group = group;
        _confirmation = confirmation;
        _optimization = new OptimizationStep(
            Stage, parameters, options.Optimizer.Schedule(options.Optimizer.ConfirmationLearningRate, options.Steps), options.Optimizer.LargestGradientNorm, Stage, group);
    }

    /// <summary>Prepares the learning; null where nothing is to be learned.</summary>
    /// <exception cref="NotSupportedException">It is to be learned, but the head has no parameters.</exception>
    public static ConfirmationLearning? Begin(IMaskConfirmation confirmation, GrpoOptions options, IProcessGroup group)
    {
        if (options.Optimizer.ConfirmationLearningRate == 0) return null;
        Parameter[] parameters = [.. confirmation.Parameters()];
        return parameters.Length > 0
            ? new ConfirmationLearning(confirmation, parameters, options, group)
            : throw new NotSupportedException($"{nameof(OptimizerOptions.ConfirmationLearningRate)} is {options.Optimizer.ConfirmationLearningRate}, but {confirmation.GetType().Name} has no parameters to learn; leave it at 0.");
    }

    /// <summary>Learns from a step's masks.</summary>
    /// <param name="rollout">This process's part of the step.</param>
    /// <param name="step">The whole step.</param>
    /// <returns>The loss before; 0 where every answer failed.</returns>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is not finite.</exception>
    public double Learn(Rollout rollout, ScoredStep step)
    {
        var prompts = new List<ConfirmationPrompt>(rollout.Candidates.Count);
        var truths = new List<SegmentationMask>(rollout.Candidates.Count);
        foreach ((int query, GeneratedAnswer generated, SegmentationMask? mask) in rollout.Candidates)
        {
            if (mask is null) continue;
            prompts.Add(new ConfirmationPrompt(rollout.Examples[query].Image, rollout.Examples[query].Query, generated.Box, mask));
            truths.Add(rollout.Examples[query].Mask);
        }
        int all = step.Answers.Count(answer => answer.Failure is null);
        if (all == 0) return 0;
        double loss = 0;
        for (int from = 0; from < prompts.Count; from += BatchSize)
        {
            int count = Math.Min(BatchSize, prompts.Count - from);
            using var scope = NewDisposeScope();
            loss += _optimization.Backward(_confirmation.Loss(prompts.GetRange(from, count), truths.GetRange(from, count)).Times((float)count / all));
        }
        _optimization.Apply(rollout.Place);
        return _group.Size == 1 ? loss : _group.GatherValues<double>([loss]).Sum(part => part[0]);
    }

    /// <inheritdoc cref="OptimizationStep.Save"/>
    public OptimizerProgress Save(IDictionary<string, Tensor> tensors) => _optimization.Save(tensors);

    /// <inheritdoc cref="OptimizationStep.Restore"/>
    public void Restore(OptimizerProgress progress, Dictionary<string, (long[] Shape, float[] Values)> tensors) => _optimization.Restore(progress, tensors);

    /// <inheritdoc/>
    public void Dispose() => _optimization.Dispose();
}
