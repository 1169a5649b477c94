using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Rules that choose one hypothesis of a query: the model's own and the controls it is compared with.</summary>
internal static class HypothesisChoice
{
    /// <summary>The greedy answer of the first look.</summary>
    public static int Greedy(EvaluatedQuery query) => 0;

    /// <summary>The most plausible of the first look: never looking twice.</summary>
    public static int FirstLook(EvaluatedQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.Provisional;
    }

    /// <summary>The most plausible of all: always looking twice.</summary>
    public static int Always(EvaluatedQuery query) => Best(query, hypothesis => hypothesis.Plausibility);

    /// <summary>Look-to-Confirm: all hypotheses where the first look's confidence is below the threshold.</summary>
    public static Func<EvaluatedQuery, int> BelowThreshold(float threshold) =>
        query => LooksAgain(query, threshold) ? Always(query) : query.Provisional;

    /// <summary>A second look at a random share of the queries, whatever the confidence.</summary>
    public static Func<EvaluatedQuery, int> AtRandomRate(double rate, ulong seed) =>
        query => LooksAgainAtRandom(query, rate, seed) ? Always(query) : query.Provisional;

    /// <summary>Whether chance asks for a second look, at a rate of 0..1.</summary>
    public static bool LooksAgainAtRandom(EvaluatedQuery query, double rate, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(query);
        return DeterministicRandom.Create(seed, (ulong)query.Id).NextDouble() < rate;
    }

    /// <summary>Whether the threshold asks for a second look.</summary>
    public static bool LooksAgain(EvaluatedQuery query, float threshold)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.Hypotheses[query.Provisional].Confidence < threshold;
    }

    /// <summary>Any hypothesis, each as likely.</summary>
    public static Func<EvaluatedQuery, int> AnyOf(ulong seed) =>
        query => DeterministicRandom.Create(seed, (ulong)query.Id).NextInt(query.Hypotheses.Length);

    /// <summary>The hypothesis that the policy finds most probable.</summary>
    public static int MostProbable(EvaluatedQuery query) => Best(query, hypothesis => hypothesis.LogProbability);

    /// <summary>The best hypothesis there is: the ceiling of every rule.</summary>
    public static int Perfect(EvaluatedQuery query) => Best(query, hypothesis => hypothesis.IntersectionOverUnion);

    private static int Best(EvaluatedQuery query, Func<EvaluatedHypothesis, double> score)
    {
        ArgumentNullException.ThrowIfNull(query);
        int best = 0;
        for (int i = 1; i < query.Hypotheses.Length; i++)
            if (score(query.Hypotheses[i]) > score(query.Hypotheses[best])) best = i;
        return best;
    }
}
