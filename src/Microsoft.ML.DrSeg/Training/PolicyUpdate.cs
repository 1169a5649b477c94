using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Makes the better answers of a rollout likelier: loss and optimiser, once or several times over.</summary>
internal sealed class PolicyUpdate(
    DrSegModel model, ObjectiveOptions objective, int updatesPerStep, ReferencePolicy reference, OptimizationStep optimization, StepClock clock)
{
    /// <summary>Updates the policy. From the second update on it is no longer the policy that drew the answers.</summary>
    public UpdateFigures MinimiseLoss(Rollout rollout, float[] advantages)
    {
        using var timed = clock.Measure(StepPhase.Update);
        AnswerTensors[] looks = AnswerTensors.Of(rollout, advantages, IsLearnedFrom, objective, reference.Policy, model.Device);
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

    // Leaves the gradient with the parameters.
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
        LossFigures[] figures = LossFigures.Read(terms);
        foreach (LossFigures one in figures) optimization.RequireFinite(one.Loss, rollout.Place);
        return LossFigures.Mean(figures, looks);
    }

    private bool IsLearnedFrom(GeneratedAnswer answer) =>
        !(objective.MaskFailedAnswers && answer.Failure is not null) && !(objective.MaskOverlongAnswers && !answer.Ended);
}

/// <summary>What the updates of a step measured.</summary>
/// <param name="GradientNorm">Norm of the last gradient before clipping.</param>
internal readonly record struct UpdateFigures(LossFigures First, LossFigures Last, double GradientNorm, double LearningRate);
