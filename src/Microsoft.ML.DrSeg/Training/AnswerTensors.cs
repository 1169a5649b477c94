using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The answers of one look as tensors, for any number of passes over them. Letters: B prompts, G answers each, T tokens of
/// the longest answer.
/// </summary>
/// <param name="Tokens">[B, G, T] of Int64.</param>
/// <param name="Mask">[B, G, T], 1 for a token that is learned from.</param>
/// <param name="LogProbabilities">[B, G, T] when the answers were drawn; 0 where the mask is.</param>
/// <param name="Advantages">[B, G].</param>
/// <param name="ReferenceLogProbabilities">[B, G, T]; null without a reference.</param>
/// <param name="Weight">The look's share of the loss of the step, 0..1.</param>
internal sealed record AnswerTensors(
    PromptBatch Prompts, Tensor Tokens, Tensor Mask, Tensor LogProbabilities, Tensor Advantages, Tensor? ReferenceLogProbabilities, float Weight)
{
    /// <summary>Lays out the answers of a rollout, one entry a look.</summary>
    /// <param name="whole">What the loss of the step is the mean of; null for the answers of the rollout.</param>
    /// <param name="referee">The policy to score the answers under its frozen reference; null for no reference.</param>
    public static AnswerTensors[] Of(
        Rollout rollout, float[] advantages, Func<GeneratedAnswer, bool> learned, ObjectiveOptions objective, IVisionLanguagePolicy? referee, Device device,
        LossShare? whole = null)
    {
        int Tokens(Look look) => look.Answers.Sum(answers => answers.Where(learned).Sum(answer => answer.Tokens.Length));
        LossShare all = whole ?? new LossShare(advantages.Length, rollout.Looks.Sum(Tokens));
        var parts = new AnswerTensors[rollout.Looks.Length];
        for (int l = 0; l < parts.Length; l++)
        {
            Look look = rollout.Looks[l];
            int count = look.Answers.Sum(answers => answers.Length);
            // A look weighs as much as it has answers, or, where every token weighs the same, tokens.
            float weight = objective.LossAggregation == LossAggregation.Dapo
                ? (float)Tokens(look) / Math.Max(all.Tokens, 1)
                : (float)count / all.Answers;
            parts[l] = Of(look, [.. rollout.Order.Places[l].Select(place => advantages[place])], learned, referee, device, weight);
        }
        return parts;
    }

    private static AnswerTensors Of(
        Look look, float[] advantages, Func<GeneratedAnswer, bool> learned, IVisionLanguagePolicy? referee, Device device, float weight)
    {
        int b = look.Answers.Length, g = look.Answers[0].Length, t = look.Answers.Max(answers => answers.Max(answer => answer.Tokens.Length));
        var tokens = new long[b * g * t];
        var old = new float[tokens.Length];
        var mask = new float[tokens.Length];
        for (int i = 0; i < b * g; i++)
        {
            GeneratedAnswer answer = look.Answers[i / g][i % g];
            for (int j = 0; j < answer.Tokens.Length; j++) tokens[i * t + j] = answer.Tokens[j];
            if (!learned(answer)) continue;
            answer.LogProbabilities.CopyTo(old, i * t);
            mask.AsSpan(i * t, answer.Tokens.Length).Fill(1);
        }
        long[] shape = [b, g, t];
        Tensor tokenTensor = tensor(tokens, shape).to(device), maskTensor = tensor(mask, shape).to(device);
        using ScoredTokens? scored = referee?.ScoreChecked(look.Prompts, tokenTensor, maskTensor, new ScoreOptions { Reference = true });
        return new AnswerTensors(
            look.Prompts, tokenTensor, maskTensor, tensor(old, shape).to(device),
            tensor(advantages, [b, g]).to(device), scored?.LogProbabilities.detach(), weight);
    }
}

/// <summary>What the loss of a whole step is the mean of.</summary>
/// <param name="Answers">How many answers.</param>
/// <param name="Tokens">How many tokens are learned from.</param>
internal readonly record struct LossShare(int Answers, int Tokens);
