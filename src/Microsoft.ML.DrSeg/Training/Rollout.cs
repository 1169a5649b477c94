using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The answers of a step, and how they belong together: a prompt's answers share a baseline, a query's answers are ranked
/// together, whichever look they come from.
/// </summary>
/// <param name="Examples">The queries with their truth.</param>
/// <param name="Looks">The passes over prompts; all answers of a look have groups of one size.</param>
/// <param name="Owners">For each prompt of each look, the index of its query.</param>
internal sealed record Rollout(IReadOnlyList<SegmentationExample> Examples, Look[] Looks, int[][] Owners) : IDisposable
{
    /// <summary>Answers to each prompt, look after look.</summary>
    public int[] PromptSizes => [.. Looks.SelectMany(look => look.Answers.Select(answers => answers.Length))];

    /// <summary>All answers, look after look, prompt after prompt: the order of rewards and advantages.</summary>
    public IEnumerable<Candidate> Candidates()
    {
        for (int l = 0; l < Looks.Length; l++)
            for (int p = 0; p < Owners[l].Length; p++)
                for (int g = 0; g < Looks[l].Answers[p].Length; g++)
                    yield return new Candidate(Owners[l][p], Looks[l].Answers[p][g], Looks[l].Masks[p][g]);
    }

    /// <summary>Share of queries looked at twice.</summary>
    public double SecondLookShare => (double)Owners.Zip(Looks)
        .SelectMany(pair => pair.First.Where((_, p) => pair.Second.Prompts.Prompts[p].Look > 0)).Distinct().Count() / Examples.Count;

    /// <summary>Puts the queries of another rollout in the place of some; both rollouts are used up.</summary>
    public Rollout Replace(IReadOnlyCollection<int> queries, Rollout by)
    {
        int[] kept = [.. Enumerable.Range(0, Examples.Count).Except(queries)];
        Dictionary<int, int> place = kept.Select((query, index) => (query, index)).ToDictionary(pair => pair.query, pair => pair.index);
        var looks = new List<Look>();
        var owners = new List<int[]>();
        for (int l = 0; l < Looks.Length; l++)
        {
            int[] prompts = [.. Enumerable.Range(0, Owners[l].Length).Where(p => place.ContainsKey(Owners[l][p]))];
            if (prompts.Length == 0) continue;
            looks.Add(Part(Looks[l], prompts));
            owners.Add([.. prompts.Select(p => place[Owners[l][p]])]);
        }
        looks.AddRange(by.Looks);
        owners.AddRange(by.Owners.Select(own => own.Select(query => query + kept.Length).ToArray()));
        Dispose();
        return new Rollout([.. kept.Select(query => Examples[query]), .. by.Examples], [.. looks], [.. owners]);
    }

    public void Dispose()
    {
        foreach (Look look in Looks) look.Dispose();
    }

    private static Look Part(Look look, int[] prompts) =>
        new(look.Prompts.Subset(prompts), [.. prompts.Select(p => look.Answers[p])], [.. prompts.Select(p => look.Masks[p])]);
}

/// <summary>One answer of a rollout.</summary>
/// <param name="Query">Index of its query.</param>
/// <param name="Generated">As the policy generated it.</param>
/// <param name="Mask">Its mask; null for a failed answer.</param>
internal readonly record struct Candidate(int Query, GeneratedAnswer Generated, SegmentationMask? Mask);

/// <summary>What the answers of a rollout are worth; candidates stand in the order of <see cref="Rollout.Candidates"/>.</summary>
/// <param name="Measured">Their qualities against the truth.</param>
/// <param name="Rewards">Their rewards.</param>
/// <param name="Advantages">How much better each is than the other answers to its prompt.</param>
/// <param name="GroupsWithoutSpread">Prompts whose answers all earned the same.</param>
/// <param name="Diagnostics">What the reward did; null where it does not tell.</param>
internal sealed record ScoredRollout(CandidateMetrics[] Measured, float[] Rewards, float[] Advantages, int GroupsWithoutSpread, RewardDiagnostics? Diagnostics)
{
    /// <summary>Queries none of whose answers is better or worse than another to the same prompt.</summary>
    public int[] QueriesWithoutSignal(Rollout rollout) =>
        [.. rollout.Candidates().Zip(Advantages).GroupBy(pair => pair.First.Query, pair => pair.Second)
            .Where(query => query.All(advantage => advantage == 0)).Select(query => query.Key)];
}
