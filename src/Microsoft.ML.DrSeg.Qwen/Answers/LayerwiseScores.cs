using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Scores that are leaves, and the way back from what a loss has left in them: prompt after prompt, layer after layer, so that the
/// graph of one layer with one prompt and its answers is all that is ever held.
/// </summary>
internal sealed class LayerwiseScores : ScoredTokens
{
    /// <summary>What is kept where nothing else is said: four prompts of 1,300 tokens with eight answers of 300 to a model of 3B.</summary>
    public const long MostKeptBytes = 2L << 30;

    private readonly AnswerScoring[] _prompts;

    private LayerwiseScores(AnswerScoring[] prompts, Tensor logProbabilities, Tensor? entropy) : base(logProbabilities, entropy) => _prompts = prompts;

    /// <summary>Scores answers.</summary>
    /// <param name="prompts">Each prompt with its answers, as many for each; theirs from here on.</param>
    /// <param name="gradient">Whether a way back is wanted.</param>
    /// <param name="entropy">What the entropies are for.</param>
    /// <param name="mostKeptBytes">Kept between scoring and the way back; prompts beyond it are run once more.</param>
    public static LayerwiseScores Of(AnswerScoring[] prompts, bool gradient, EntropyUse entropy, long mostKeptBytes = MostKeptBytes)
    {
        try
        {
            using var scope = NewDisposeScope();
            long kept = 0;
            List<Tensor> logProbabilities = [], entropies = [];
            foreach (AnswerScoring prompt in prompts)
            {
                bool keep = gradient && kept + prompt.KeptBytes <= mostKeptBytes;
                if (keep) kept += prompt.KeptBytes;
                (Tensor scores, Tensor? spread) = prompt.Score(entropy != EntropyUse.None, keep);
                logProbabilities.Add(scores);
                if (spread is not null) entropies.Add(spread);
            }
            return new LayerwiseScores(prompts,
                stack(logProbabilities).requires_grad_(gradient).MoveToOuterDisposeScope(),
                entropies.Count == 0 ? null : stack(entropies).requires_grad_(gradient && entropy == EntropyUse.Loss).MoveToOuterDisposeScope());
        }
        catch
        {
            foreach (AnswerScoring prompt in prompts) prompt.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        using var scope = NewDisposeScope();
        // A loss that does not hang on the scores has left nothing.
        if (LogProbabilities.grad is not { } gradient) return;
        Tensor? entropyGradient = Entropy?.grad;
        for (int prompt = 0; prompt < _prompts.Length; prompt++)
            _prompts[prompt].Backward(gradient.select(0, prompt), entropyGradient?.select(0, prompt));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (AnswerScoring prompt in _prompts) prompt.Dispose();
        base.Dispose(disposing);
    }
}
