using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// One answer while it is being generated: draws the next token from a policy's scores, greedily or by the sampling's
/// temperature and seed. For whoever writes a policy: a draw depends on the prompt's id and look and the answer's place alone.
/// </summary>
internal sealed class AnswerDraft
{
    private readonly AnswerGrammar _grammar;
    private readonly float _temperature;
    private readonly List<int> _tokens;
    private readonly List<float> _logProbabilities;
    private DeterministicRandom? _random;

    /// <summary>Begins an answer.</summary>
    /// <param name="grammar">The token language.</param>
    /// <param name="prompt">What is answered.</param>
    /// <param name="place">The answer's place among those to the same prompt, from 0.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    public AnswerDraft(AnswerGrammar grammar, PolicyPrompt prompt, int place, AnswerSampling sampling)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(prompt);
        _grammar = grammar;
        _tokens = new List<int>(grammar.LongestAnswer);
        _logProbabilities = new List<float>(grammar.LongestAnswer);
        _temperature = sampling.Temperature;
        _random = sampling.FirstGreedy && place == 0 ? null : DeterministicRandom.Create(sampling.Seed, (ulong)prompt.Id, (ulong)prompt.Look, (ulong)place);
    }

    /// <summary>Whether the answer is complete, by its end or its length.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The token generated last; after the end, still the last one.</summary>
    public int LastToken => _tokens[^1];

    /// <summary>Adds the next token, greedily where there is no random source; does nothing once complete.</summary>
    /// <param name="logits">One score for each token that can be generated.</param>
    /// <exception cref="InvalidOperationException">A score is not finite.</exception>
    public void Extend(ReadOnlySpan<float> logits)
    {
        if (IsComplete) return;
        float largest = float.NegativeInfinity;
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (!float.IsFinite(logits[i]))
                throw new NonFiniteScoreException(i, logits[i]);
            if (logits[i] > largest) (largest, best) = (logits[i], i);
        }
        double[] weights = ArrayPool<double>.Shared.Rent(logits.Length);
        double sum = Weigh(logits, largest, 1f, weights);
        int token = best;
        if (_random is { } source)
        {
            double all = _temperature == 1f ? sum : Weigh(logits, largest, _temperature, weights);
            token = Draw(weights.AsSpan(0, logits.Length), source.NextDouble() * all);
            _random = source;
        }
        ArrayPool<double>.Shared.Return(weights);
        _tokens.Add(token);
        _logProbabilities.Add(logits[token] - largest - (float)Math.Log(sum));
        IsComplete = token == _grammar.End || _tokens.Count == _grammar.LongestAnswer;
    }

    /// <summary>The finished answer, its coordinates placed in the view's region.</summary>
    public GeneratedAnswer Finish(BoundingBox region)
    {
        int[] all = [.. _tokens];
        return new GeneratedAnswer(all, [.. _logProbabilities], all is [.., int last] && last == _grammar.End, _grammar.Parse(all, region));
    }

    private static int Draw(ReadOnlySpan<double> weights, double target)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            target -= weights[i];
            if (target < 0) return i;
        }
        return weights.Length - 1;
    }

    // Writes each token's probability as a multiple of the most probable one's and returns their sum.
    private static double Weigh(ReadOnlySpan<float> logits, float largest, float temperature, double[] weights)
    {
        for (int i = 0; i < logits.Length; i++)
            weights[i] = (logits[i] - largest) / temperature;
        Span<double> each = weights.AsSpan(0, logits.Length);
        TensorPrimitives.Exp(each, each);
        double sum = 0;
        foreach (double weight in each)
            sum += weight;
        return sum;
    }
}
