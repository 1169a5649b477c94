using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>One answer while it is being drawn, and when it is done. Its draws depend on seed, prompt, look and place alone.</summary>
internal sealed class DrawnAnswer
{
    private readonly List<int> _tokens = [];
    private readonly List<float> _logProbabilities = [];
    private DeterministicRandom _random;

    /// <param name="prompt">What is answered.</param>
    /// <param name="place">Its place among the answers to the same prompt, from 0.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    public DrawnAnswer(PromptKey prompt, int place, AnswerSampling sampling)
    {
        IsGreedy = sampling.FirstGreedy && place == 0;
        _random = DeterministicRandom.Create(sampling.Seed, (ulong)prompt.Id, (ulong)prompt.Look, (ulong)place);
    }

    /// <summary>Whether it takes the most probable token each time.</summary>
    public bool IsGreedy { get; }

    /// <summary>The tokens so far, the one that ends it included.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Natural logarithm of each token's probability at temperature 1.</summary>
    public IReadOnlyList<float> LogProbabilities => _logProbabilities;

    /// <summary>Whether a token has ended it; false while it grows, and where it was cut off.</summary>
    public bool Ended { get; private set; }

    /// <summary>A number from 0 to below 1 for the next token.</summary>
    public double NextDraw() => _random.NextDouble();

    /// <summary>Adds a token.</summary>
    /// <exception cref="NonFiniteScoreException">Its log-probability is not finite.</exception>
    public void Add(int token, float logProbability, bool ends)
    {
        if (!float.IsFinite(logProbability)) throw new NonFiniteScoreException(token, logProbability);
        _tokens.Add(token);
        _logProbabilities.Add(logProbability);
        Ended = ends;
    }
}

/// <summary>Names a prompt among all of a run.</summary>
/// <param name="Id">Of the query.</param>
/// <param name="Look">Which look at it this is.</param>
internal readonly record struct PromptKey(long Id, int Look);
