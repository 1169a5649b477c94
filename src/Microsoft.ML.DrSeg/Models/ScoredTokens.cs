using TorchSharp;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// How probable the tokens of given answers are under a policy, and the way back: gradients of these figures into the policy's
/// parameters. Owns its tensors. Letters: B prompts, G answers each, T tokens of the longest answer.
/// </summary>
/// <remarks>
/// A policy whose figures hang on the graph of its parameters needs nothing else: <c>loss.backward()</c> reaches them. One that
/// is too large for that derives a class: it hands out leaves that require a gradient, and <see cref="Backward"/> carries on
/// what <c>loss.backward()</c> has left in their <c>grad</c>, part by part if need be.
/// </remarks>
/// <param name="logProbabilities">As <see cref="LogProbabilities"/>.</param>
/// <param name="entropy">As <see cref="Entropy"/>.</param>
public class ScoredTokens(torch.Tensor logProbabilities, torch.Tensor? entropy = null) : IDisposable
{
    /// <summary>[B, G, T] of Float32: the natural logarithm of each token's probability at temperature 1, given the prompt and the tokens before it; 0 where the mask is.</summary>
    public torch.Tensor LogProbabilities { get; } = logProbabilities ?? throw new ArgumentNullException(nameof(logProbabilities));

    /// <summary>[B, G, T] of Float32: the entropy of the distribution that each token was drawn from, in nats; 0 where the mask is. Null where it was not asked for.</summary>
    public torch.Tensor? Entropy { get; } = entropy;

    /// <summary>
    /// Adds the gradients of a loss to those of the policy's parameters; called once at most, after <c>backward()</c> of that
    /// loss. Does nothing where the figures hang on the parameters' own graph.
    /// </summary>
    public virtual void Backward()
    {
    }

    /// <summary>Disposes the figures.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the figures, and what a derived class has kept for <see cref="Backward"/>, called or not.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        LogProbabilities.Dispose();
        Entropy?.Dispose();
    }
}

/// <summary>What scoring is for.</summary>
public readonly record struct ScoreOptions
{
    /// <summary>Whether a gradient is wanted; without one nothing is kept for the way back.</summary>
    public bool Gradient { get; init; }

    /// <summary>
    /// Whether to score under the policy as it was at its last <see cref="IVisionLanguagePolicy.FreezeReference"/> rather than as it
    /// is now; there is no gradient then.
    /// </summary>
    public bool Reference { get; init; }

    /// <summary>What <see cref="ScoredTokens.Entropy"/> is for.</summary>
    public EntropyUse Entropy { get; init; }
}

/// <summary>What the entropy of tokens is for.</summary>
public enum EntropyUse
{
    /// <summary>For nothing: it is not computed.</summary>
    None,

    /// <summary>To be shown: it has no gradient.</summary>
    Figure,

    /// <summary>A term of the loss: it has a gradient where the log-probabilities have one.</summary>
    Loss,
}
