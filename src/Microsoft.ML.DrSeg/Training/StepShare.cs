using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Which process answers which of a step's queries. All processes know it without asking: they read the same rows in the same order.</summary>
internal sealed class StepShare
{
    private readonly int[] _owners;

    private StepShare(IProcessGroup group, IReadOnlyList<SegmentationExample> examples, int[] owners)
    {
        (Group, Examples, _owners) = (group, examples, owners);
        Queries = [.. Enumerable.Range(0, owners.Length).Where(IsOwn)];
    }

    public IProcessGroup Group { get; }

    /// <summary>The examples of the whole step, in its order.</summary>
    public IReadOnlyList<SegmentationExample> Examples { get; }

    /// <summary>The queries of this process, as they stand in the step; their order among themselves is that of the process's rollout.</summary>
    public int[] Queries { get; }

    public IReadOnlyList<SegmentationExample> Own => Group.Size == 1 ? Examples : [.. Queries.Select(query => Examples[query])];

    /// <summary>Shares out in blocks; where there are more processes than queries, the last ones get none.</summary>
    public static StepShare Of(IProcessGroup group, IReadOnlyList<SegmentationExample> examples)
    {
        var owners = new int[examples.Count];
        for (int rank = 0; rank < group.Size; rank++)
            owners.AsSpan(Begin(rank)..Begin(rank + 1)).Fill(rank);
        return new StepShare(group, examples, owners);

        int Begin(int rank) => (int)(((long)examples.Count * rank + group.Size - 1) / group.Size);
    }

    /// <summary>Whether a query of the step is this process's.</summary>
    public bool IsOwn(int query) => _owners[query] == Group.Rank;

    /// <summary>Puts fresh examples, behind the others, in the place of some queries; each is answered by whom the query was that it replaces.</summary>
    /// <param name="fresh">One a query, in their order.</param>
    public StepShare Replace(int[] queries, IReadOnlyList<SegmentationExample> fresh)
    {
        int[] kept = [.. Enumerable.Range(0, _owners.Length).Except(queries)];
        return new StepShare(Group, [.. kept.Select(query => Examples[query]), .. fresh], [.. kept.Select(query => _owners[query]), .. queries.Select(query => _owners[query])]);
    }
}
