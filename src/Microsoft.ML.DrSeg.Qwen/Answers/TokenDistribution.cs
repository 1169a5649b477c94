using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What the text model expects of the next token: its last norm and output layer, without the tokens that no answer may hold. The
/// same for drawing and for scoring, so that what was drawn is what is scored. Tokens are scored some at a time: the scores of
/// all tokens of a group over a vocabulary of 150,000 would be gigabytes.
/// Letters: M tokens, H width, V rows of the vocabulary.
/// </summary>
internal sealed class TokenDistribution : IDisposable
{
    /// <summary>Tokens scored at a time: 150 MB of Float32 over Qwen's vocabulary, of which two or three are held.</summary>
    public const int TokensAtATime = 256;

    // As good as never, and finite: minus infinity times a probability of 0 would be no number.
    private static readonly Scalar Never = (-1e9f).ToScalar();

    private readonly TextModel _model;
    private readonly Tensor _excluded;
    private readonly int _atATime;

    /// <param name="model">Stays the caller's.</param>
    /// <param name="excluded">Ids that have no probability: those of images and videos, and rows without a token.</param>
    /// <param name="atATime">Tokens scored at a time, at least 1.</param>
    public TokenDistribution(TextModel model, IEnumerable<int> excluded, int atATime = TokensAtATime)
    {
        (_model, _atATime) = (model, atATime);
        var isExcluded = new bool[model.Shape.VocabularySize];
        foreach (int id in excluded) isExcluded[id] = true;
        using var scope = NewDisposeScope();
        _excluded = tensor(isExcluded).to(model.Device).DetachFromDisposeScope();
    }

    /// <summary>Scores of the next token.</summary>
    /// <param name="hidden">What the last layer gave, [M, H].</param>
    /// <returns>[M, V] of Float32.</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Admitted(_model.Logits(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>Natural logarithms of the probabilities of given tokens.</summary>
    /// <param name="logits">[M, V].</param>
    /// <param name="tokens">[M] of Int64.</param>
    /// <returns>[M].</returns>
    public static Tensor LogProbabilities(Tensor logits, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return logits.gather(1, tokens.unsqueeze(1)).squeeze(1).sub(logits.logsumexp(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Scores given tokens. Takes no gradient.</summary>
    /// <param name="hidden">What the last layer gave where each is expected, [M, H].</param>
    /// <param name="tokens">[M] of Int64.</param>
    /// <param name="entropy">Whether the entropies are wanted.</param>
    /// <returns>Log-probabilities and entropies, [M] of Float32 each.</returns>
    public (Tensor LogProbabilities, Tensor? Entropy) Score(Tensor hidden, Tensor tokens, bool entropy)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        List<Tensor> logProbabilities = [], entropies = [];
        foreach ((long from, long count) in Parts(tokens.shape[0]))
        {
            using var part = NewDisposeScope();
            Tensor logits = Logits(hidden.narrow(0, from, count));
            logProbabilities.Add(LogProbabilities(logits, tokens.narrow(0, from, count)).MoveToOuterDisposeScope());
            if (entropy) entropies.Add(Entropy(logits.log_softmax(1)).squeeze(1).MoveToOuterDisposeScope());
        }
        return (cat(logProbabilities).MoveToOuterDisposeScope(), entropy ? cat(entropies).MoveToOuterDisposeScope() : null);
    }

    /// <summary>
    /// The way back of <see cref="Score"/>, by hand as far as the logits: with p the probabilities and H the entropy of a distribution,
    /// the log-probability of token a has the gradient [a] - p, and H has -p (log p + H). Norm and output layer keep what is theirs.
    /// </summary>
    /// <param name="hidden">As it was scored.</param>
    /// <param name="tokens">As they were scored.</param>
    /// <param name="gradient">Of a loss with respect to the log-probabilities, [M].</param>
    /// <param name="entropyGradient">With respect to the entropies, [M]; null for none.</param>
    /// <returns>With respect to <paramref name="hidden"/>, [M, H].</returns>
    public Tensor Backward(Tensor hidden, Tensor tokens, Tensor gradient, Tensor? entropyGradient)
    {
        using var scope = NewDisposeScope();
        List<Tensor> parts = [];
        foreach ((long from, long count) in Parts(tokens.shape[0]))
        {
            using var part = NewDisposeScope();
            Tensor leaf = hidden.narrow(0, from, count).detach().requires_grad_(true);
            Tensor logits;
            using (enable_grad()) logits = _model.Logits(leaf);
            using (no_grad())
                autograd.backward([logits], [LogitsGradient(logits, tokens.narrow(0, from, count), gradient.narrow(0, from, count), entropyGradient?.narrow(0, from, count))]);
            parts.Add(leaf.grad!.MoveToOuterDisposeScope());
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    public void Dispose() => _excluded.Dispose();

    private Tensor LogitsGradient(Tensor logits, Tensor tokens, Tensor gradient, Tensor? entropyGradient)
    {
        using var scope = NewDisposeScope();
        Tensor all = Admitted(logits.detach()).log_softmax(1), result = all.exp();
        Tensor weight = gradient.unsqueeze(1);
        if (entropyGradient is null)
            result.mul_(weight.neg());
        else
            result.mul_(all.sub(Entropy(all).neg()).mul_(entropyGradient.unsqueeze(1).neg()).sub_(weight));
        return result.scatter_add_(1, tokens.unsqueeze(1), weight).MoveToOuterDisposeScope();
    }

    private Tensor Admitted(Tensor logits) => logits.masked_fill(_excluded, Never);

    // [M, 1], of log-probabilities.
    private static Tensor Entropy(Tensor all)
    {
        using var scope = NewDisposeScope();
        return all.exp().mul_(all).sum(1, keepdim: true).neg().MoveToOuterDisposeScope();
    }

    private IEnumerable<(long From, long Count)> Parts(long tokens)
    {
        for (long from = 0; from < tokens; from += _atATime)
            yield return (from, Math.Min(_atATime, tokens - from));
    }
}
