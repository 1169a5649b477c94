using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The answers of a step, and how they belong together: a prompt's answers share a baseline, a query's answers are ranked
/// together, whichever look they come from. All answers stand in one order, query by query and within a query prompt by prompt,
/// so that the answers to a query lie side by side and so do those to a prompt.
/// </summary>
internal sealed class Rollout : IDisposable
{
    public Rollout(int step, IReadOnlyList<SegmentationExample> examples, Look[] looks, int[][] owners)
    {
        Step = step;
        (Examples, Looks, Owners) = (examples, looks, owners);
        Order = new CandidateOrder(examples.Count, looks, owners);
    }

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; }

    public IReadOnlyList<SegmentationExample> Examples { get; private set; }

    public Look[] Looks { get; private set; }

    /// <summary>For each prompt of each look, the index of its query.</summary>
    public int[][] Owners { get; private set; }

    public CandidateOrder Order { get; private set; }

    /// <summary>All answers in their order: that of measurements, rewards and advantages.</summary>
    public IReadOnlyList<Candidate> Candidates => Order.Candidates;

    public static string Place(int step, IReadOnlyList<SegmentationExample> examples) =>
        $"step {step} (examples {string.Join(", ", examples.Select(example => example.Id))})";

    public string Place() => Place(Step, Examples);

    /// <summary>Puts the queries of another rollout in the place of some, behind those that stay; the other rollout is used up.</summary>
    public void Replace(IReadOnlyCollection<int> queries, Rollout by)
    {
        int[] kept = [.. Enumerable.Range(0, Examples.Count).Except(queries)];
        var place = kept.Select((query, index) => (query, index)).ToDictionary(pair => pair.query, pair => pair.index);
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
        (Examples, Looks, Owners) = ([.. kept.Select(query => Examples[query]), .. by.Examples], [.. looks], [.. owners]);
        Order = new CandidateOrder(Examples.Count, Looks, Owners);
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
/// <param name="Mask">Its mask; null for a failed answer.</param>
internal readonly record struct Candidate(int Query, GeneratedAnswer Generated, SegmentationMask? Mask);
