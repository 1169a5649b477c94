using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What all answers of a step are worth, whichever process drew them: the same in every process.</summary>
/// <param name="Answers">Query by query, within a query prompt by prompt.</param>
/// <param name="Prompts">How many prompts were answered.</param>
/// <param name="GroupsWithoutSpread">Prompts whose answers all earned the same.</param>
/// <param name="Diagnostics">What the reward did; null where it does not tell.</param>
internal sealed record ScoredStep(
    MeasuredAnswer[] Answers, float[] Rewards, float[] Advantages, int Prompts, int GroupsWithoutSpread, RewardDiagnostics? Diagnostics)
{
    /// <summary>Has a step's answers rewarded, and compares those to each prompt.</summary>
    /// <param name="examples">What the step asks.</param>
    /// <param name="step">Its number, for errors.</param>
    public static ScoredStep Of(MeasuredAnswer[] answers, IReadOnlyList<SegmentationExample> examples, int step, ICandidateReward reward, AdvantageScaling scaling)
    {
        int[] queries = Sizes(answers, answer => answer.Query), prompts = Sizes(answers, answer => (answer.Query, answer.Prompt));
        (float[] rewards, RewardDiagnostics? diagnostics) = Ask(reward, answers, queries, examples, step);
        var advantages = new float[answers.Length];
        int withoutSpread = GroupAdvantages.Compute(rewards, prompts, scaling, advantages);
        return new ScoredStep(answers, rewards, advantages, prompts.Length, withoutSpread, diagnostics);
    }

    /// <summary>Queries none of whose answers is better or worse than another to the same prompt.</summary>
    public int[] QueriesWithoutSignal() =>
        [.. Answers.Zip(Advantages).GroupBy(pair => pair.First.Query, pair => pair.Second)
            .Where(query => query.All(advantage => advantage == 0)).Select(query => query.Key)];

    // How many lie side by side of each kind.
    private static int[] Sizes<TKey>(MeasuredAnswer[] answers, Func<MeasuredAnswer, TKey> kind) where TKey : struct
    {
        var sizes = new List<int>();
        for (int i = 0; i < answers.Length; i++)
        {
            if (i == 0 || !kind(answers[i]).Equals(kind(answers[i - 1]))) sizes.Add(0);
            sizes[^1]++;
        }
        return [.. sizes];
    }

    // Anyone may bring a reward: where it fails, or leaves out an answer, the error names step and example.
    private static (float[] Rewards, RewardDiagnostics? Diagnostics) Ask(
        ICandidateReward reward, MeasuredAnswer[] answers, int[] querySizes, IReadOnlyList<SegmentationExample> examples, int step)
    {
        string name = $"The reward {reward.GetType().Name}";
        CandidateMetrics[] measured = Array.ConvertAll(answers, answer => answer.Metrics);
        var rewards = new float[measured.Length];
        // What the reward leaves out stays NaN and is found.
        Array.Fill(rewards, float.NaN);
        RewardDiagnostics? diagnostics;
        try
        {
            reward.Score(measured, querySizes, rewards);
            diagnostics = reward.Diagnose(measured, querySizes);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{name} failed at {Rollout.Place(step, examples)}: {error.Message} Mend the reward; the weights are those of the step before.", error);
        }
        int unrewarded = Array.FindIndex(rewards, value => !float.IsFinite(value));
        if (unrewarded >= 0)
        {
            SegmentationExample example = examples[answers[unrewarded].Query];
            throw new InvalidOperationException($"{name} gave {rewards[unrewarded]} to an answer to example {example.Id} ('{example.Query}') at {Rollout.Place(step, examples)}; every candidate needs a finite reward. Mend the reward; the weights are those of the step before.");
        }
        return (rewards, diagnostics);
    }
}
