using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Makes the better answers of a rollout likelier: loss and optimiser, once or several times over.</summary>
internal sealed class PolicyUpdate(
    DrSegModel model, ObjectiveOptions objective, int updatesPerStep, ReferencePolicy reference, OptimizationStep optimization, StepClock clock, IProcessGroup group)
{
    /// <summary>Updates the policy. From the second update on it is no longer the policy that drew the answers.</summary>
    public UpdateFigures MinimiseLoss(Rollout rollout, ScoredRollout scored)
    {
        using var timed = clock.Measure(StepPhase.Update);
        MeasuredAnswer[] all = scored.Step.Answers;
        var whole = new LossShare(all.Length, all.Where(answer => IsLearnedFrom(answer.Failure is not null, answer.Ended)).Sum(answer => answer.Tokens));
        AnswerTensors[] looks = AnswerTensors.Of(
            rollout, scored.Advantages, answer => IsLearnedFrom(answer.Failure is not null, answer.Ended), objective, reference.Policy, model.Device, whole);
        LossFigures first = default, last = default;
        double gradientNorm = 0;
        for (int update = 0; update < updatesPerStep; update++)
        {
            last = Loss(looks, rollout, isFirst: update == 0);
            gradientNorm = optimization.Apply(rollout.Place);
            if (update == 0) first = last;
        }
        return new UpdateFigures(first, last, gradientNorm, optimization.LearningRate);
    }

    // Leaves this process's part of the gradient with the parameters; the figures are those of the whole step.
    private LossFigures Loss(AnswerTensors[] looks, Rollout rollout, bool isFirst)
    {
        // The figure is that of the first update.
        EntropyUse entropy = objective.EntropyWeight > 0 ? EntropyUse.Loss : isFirst ? EntropyUse.Figure : EntropyUse.None;
        var scoring = new ScoreOptions { Gradient = true, Entropy = entropy };
        var terms = new GrpoLoss.Terms[looks.Length];
        for (int i = 0; i < looks.Length; i++)
        {
            AnswerTensors look = looks[i];
            using ScoredTokens now = model.Policy.ScoreChecked(look.Prompts, look.Tokens, look.Mask, scoring, rollout.Place);
            terms[i] = GrpoLoss.Compute(now, look.Mask, look.LogProbabilities, look.ReferenceLogProbabilities, look.Advantages, objective, model.Policy.LongestAnswer);
            terms[i].Loss.Times(look.Weight).backward();
            now.Backward();
        }
        LossFigures own = terms.Length == 0 ? default : LossFigures.Mean(LossFigures.Read(terms), looks);
        LossFigures whole = group.Size == 1 ? own : LossFigures.Sum(group.GatherValues<LossFigures>([own]).Select(part => part[0]));
        optimization.RequireFinite(whole.Loss, rollout.Place);
        return whole;
    }

    private bool IsLearnedFrom(bool isFailed, bool isEnded) => !(objective.MaskFailedAnswers && isFailed) && !(objective.MaskOverlongAnswers && !isEnded);
}

/// <summary>What the updates of a step measured.</summary>
/// <param name="GradientNorm">Norm of the last gradient before clipping.</param>
internal readonly record struct UpdateFigures(LossFigures First, LossFigures Last, double GradientNorm, double LearningRate);
