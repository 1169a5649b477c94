using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Scores that are leaves: the graph of each prompt is made when it is needed for the way back, and goes before the next one's.</summary>
internal sealed class TextScores : ScoredTokens
{
    private readonly Func<int, Figures> _score;
    private readonly int _prompts;

    private TextScores(Func<int, Figures> score, int prompts, Tensor logProbabilities, Tensor? entropy) : base(logProbabilities, entropy) =>
        (_score, _prompts) = (score, prompts);

    /// <summary>The answers to one prompt, [G, T].</summary>
    public readonly record struct Figures(Tensor LogProbabilities, Tensor? Entropy);

    /// <param name="score">Scores a prompt.</param>
    /// <param name="prompts">How many there are.</param>
    /// <param name="gradient">Whether the log-probabilities want a gradient.</param>
    /// <param name="entropyGradient">Whether the entropies want one.</param>
    public static TextScores Of(Func<int, Figures> score, int prompts, bool gradient, bool entropyGradient)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        Figures[] all = [.. Enumerable.Range(0, prompts).Select(score)];
        Tensor? entropy = all[0].Entropy is null ? null : stack([.. all.Select(one => one.Entropy!)]);
        return new TextScores(score, prompts,
            stack([.. all.Select(one => one.LogProbabilities)]).requires_grad_(gradient).MoveToOuterDisposeScope(),
            entropy?.requires_grad_(entropyGradient).MoveToOuterDisposeScope());
    }

    public override void Backward()
    {
        for (int prompt = 0; prompt < _prompts; prompt++)
        {
            using var scope = NewDisposeScope();
            Figures figures = _score(prompt);
            List<Tensor> heads = [figures.LogProbabilities], gradients = [LogProbabilities.grad!.select(0, prompt)];
            if (Entropy?.grad is { } gradient)
            {
                heads.Add(figures.Entropy!);
                gradients.Add(gradient.select(0, prompt));
            }
            autograd.backward(heads, gradients);
        }
    }
}
