using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Asks policies, which anyone may bring, for scores, and checks that they are of the shape and kind that training needs, and numbers.</summary>
internal static class ScoreChecks
{
    /// <param name="prompts">B prompts.</param>
    /// <param name="tokens">[B, G, T].</param>
    /// <param name="mask">[B, G, T].</param>
    /// <param name="where">Names step and batch for the error; null where the answer that it names is enough.</param>
    public static ScoredTokens ScoreChecked(
        this IVisionLanguagePolicy policy, PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options, Func<string>? where = null)
    {
        string method = $"{policy.GetType().Name}.{nameof(IVisionLanguagePolicy.Score)}";
        ScoredTokens scored = policy.Score(prompts, tokens, mask, options) ?? throw new InvalidOperationException($"{method} gave null.");
        try
        {
            Check("log-probabilities", scored.LogProbabilities);
            if (options.Gradient && !scored.LogProbabilities.requires_grad)
                throw new InvalidOperationException($"The log-probabilities of {method} require no gradient, though {nameof(ScoreOptions)}.{nameof(ScoreOptions.Gradient)} is set: nothing would be learned. Let them hang on the parameters, or be leaves with a {nameof(ScoredTokens)}.{nameof(ScoredTokens.Backward)} of your own.");
            if (options.Entropy == EntropyUse.None) return scored;
            Check("entropies", scored.Entropy ?? throw new InvalidOperationException($"{method} gave no entropy, though {nameof(ScoreOptions)}.{nameof(ScoreOptions.Entropy)} is {options.Entropy}."));
            return scored;
        }
        catch
        {
            scored.Dispose();
            throw;
        }

        void Check(string what, Tensor values)
        {
            if (!values.shape.SequenceEqual(tokens.shape) || values.dtype != ScalarType.Float32)
                throw new InvalidOperationException($"The {what} of {method} are [{string.Join(", ", values.shape)}] of {values.dtype}, not [{string.Join(", ", tokens.shape)}] of {ScalarType.Float32}: prompts, answers of each, tokens of an answer.");
            using Tensor finite = values.isfinite(), all = finite.all();
            if (all.item<bool>()) return;
            float[] numbers = values.Floats();
            int first = Array.FindIndex(numbers, number => !float.IsFinite(number)), length = (int)tokens.shape[2], group = (int)tokens.shape[1];
            throw new TrainingDivergedException(
                $"Among the {what} of {method}{(where is null ? "" : $" at {where()}")} is {numbers[first]}, for token {first % length} of answer {first / length % group} to example {prompts.Prompts[first / length / group].Id}. " +
                "The weights are those of the update before. Where the policy is sound, try a lower learning rate, a smaller gradient norm or a larger divergence weight.");
        }
    }
}
