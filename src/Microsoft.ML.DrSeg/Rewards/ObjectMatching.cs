using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Which answered object stands for which true one: the assignment of the least total cost, where a pair costs
/// <c>(1 - IoU) + distance of the points / image diagonal</c>.
/// </summary>
/// <remarks>
/// The IoU is that of the masks where both objects have one, else of the boxes. The cost is continuous, and the distance
/// orders pairs that do not overlap. Both sides are put into the order of their coordinates first, so the result is the same
/// bit for bit in whatever order they come, ties included. Keeps its workspace; use one on each thread.
/// </remarks>
internal sealed class ObjectMatching
{
    private const int FewObjects = 16;
    private static readonly Comparison<SegmentedObject> ByCoordinates = (a, b) => Compare(a, b);

    private readonly LinearAssignment _assignment = new();
    private SegmentedObject[] _answered = [], _wanted = [];
    private double[] _costs = [], _overlaps = [];
    private int[] _wantedOf = [];
    private int _answeredCount, _wantedCount;

    /// <summary>Sum of the costs of all pairs.</summary>
    public double TotalCost { get; private set; }

    /// <summary>Matches two sets of objects of one image.</summary>
    public void Solve(ReadOnlySpan<SegmentedObject> answered, ReadOnlySpan<SegmentedObject> wanted, int width, int height)
    {
        (_answeredCount, _wantedCount) = (answered.Length, wanted.Length);
        Sort(answered, ref _answered);
        Sort(wanted, ref _wanted);
        var size = answered.Length * wanted.Length;
        if (_costs.Length < size)
            (_costs, _overlaps) = (new double[size], new double[size]);
        if (_wantedOf.Length < answered.Length)
            _wantedOf = new int[answered.Length];

        var diagonal = CandidateScores.Diagonal(width, height);
        var at = 0;
        foreach (ref readonly var one in _answered.AsSpan(0, _answeredCount))
        {
            foreach (ref readonly var other in _wanted.AsSpan(0, _wantedCount))
            {
                var overlap = Overlap(one, other);
                _overlaps[at] = overlap;
                _costs[at++] = 1 - overlap + CandidateScores.Distance(one.Point, other.Point) / diagonal;
            }
        }
        TotalCost = _assignment.Solve(_costs.AsSpan(0, size), _answeredCount, _wantedCount, _wantedOf.AsSpan(0, _answeredCount));
    }

    /// <summary>The answered objects in the order of their coordinates.</summary>
    public ReadOnlySpan<SegmentedObject> Answered => _answered.AsSpan(0, _answeredCount);

    /// <summary>The true objects in the order of their coordinates.</summary>
    public ReadOnlySpan<SegmentedObject> Wanted => _wanted.AsSpan(0, _wantedCount);

    /// <summary>For every answered object the place of the true one that it stands for; -1 for none.</summary>
    public ReadOnlySpan<int> WantedOf => _wantedOf.AsSpan(0, _answeredCount);

    /// <summary>The IoU by which an answered and a true object were compared, by their places.</summary>
    public double Overlap(int answered, int wanted) => _overlaps[answered * _wantedCount + wanted];

    private static double Overlap(in SegmentedObject one, in SegmentedObject other)
    {
        if (one.Mask is null || other.Mask is null)
            return one.Box.IntersectionOverUnion(other.Box);
        // Masks that share a pixel have boxes that share it; most pairs of a crowded image do not.
        return one.Mask.Box.Intersect(other.Mask.Box).IsEmpty ? 0 : one.Mask.IntersectionOverUnion(other.Mask);
    }

    private static void Sort(ReadOnlySpan<SegmentedObject> objects, ref SegmentedObject[] sorted)
    {
        if (sorted.Length < objects.Length)
            sorted = new SegmentedObject[objects.Length];
        objects.CopyTo(sorted);
        if (objects.Length > FewObjects)
        {
            sorted.AsSpan(0, objects.Length).Sort(ByCoordinates);
            return;
        }
        // Insertion; no delegate to call, and answers mostly have a few objects.
        for (var i = 1; i < objects.Length; i++)
        {
            var at = i;
            for (; at > 0 && Compare(objects[i], sorted[at - 1]) < 0; at--)
                sorted[at] = sorted[at - 1];
            sorted[at] = objects[i];
        }
    }

    private static int Compare(in SegmentedObject a, in SegmentedObject b)
    {
        var order = a.Box.X0.CompareTo(b.Box.X0);
        if (order == 0) order = a.Box.Y0.CompareTo(b.Box.Y0);
        if (order == 0) order = a.Box.X1.CompareTo(b.Box.X1);
        if (order == 0) order = a.Box.Y1.CompareTo(b.Box.Y1);
        if (order == 0) order = a.Point.X.CompareTo(b.Point.X);
        if (order == 0) order = a.Point.Y.CompareTo(b.Point.Y);
        return order != 0 ? order : SegmentationMask.Compare(a.Mask, b.Mask);
    }
}
