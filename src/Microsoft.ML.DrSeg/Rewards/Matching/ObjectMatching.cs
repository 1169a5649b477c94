using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Which answered object stands for which true one: the assignment of the least total cost, where a pair costs
/// <c>(1 - IoU of the boxes) + distance of the points / image diagonal</c>.
/// </summary>
/// <remarks>
/// The cost is continuous, and the distance orders pairs that do not overlap. Both sides are sorted by their coordinates first, and all places here are places in
/// that order, so the result is the same bit for bit in whatever order they come, ties included. Keeps its workspace; use
/// one on each thread.
/// </remarks>
internal sealed class ObjectMatching
{
    private readonly LinearAssignment _assignment = new();
    private readonly ObjectComparison _comparison = new();
    private int[] _answeredAt = [], _wantedAt = [], _wantedOf = [];
    private double[] _costs = [], _overlaps = [], _distances = [];
    private int _answeredCount, _wantedCount;

    public double TotalCost { get; private set; }

    /// <summary>The index of the answered object at each place.</summary>
    public ReadOnlySpan<int> AnsweredAt => _answeredAt.AsSpan(0, _answeredCount);

    /// <summary>The index of the true object at each place.</summary>
    public ReadOnlySpan<int> WantedAt => _wantedAt.AsSpan(0, _wantedCount);

    /// <summary>For the answered object at each place, the place of the true object that it stands for; -1 for none.</summary>
    public ReadOnlySpan<int> WantedOf => _wantedOf.AsSpan(0, _answeredCount);

    /// <summary>Matches two sets of objects of one image; all their coordinates finite.</summary>
    /// <param name="diagonal">The image's diagonal in pixels.</param>
    public void Solve(ReadOnlySpan<SegmentedObject> answered, ReadOnlySpan<SegmentedObject> wanted, double diagonal)
    {
        (_answeredCount, _wantedCount) = (answered.Length, wanted.Length);
        MakeRoom();
        CoordinateOrder.Find(answered, _answeredAt.AsSpan(0, _answeredCount));
        CoordinateOrder.Find(wanted, _wantedAt.AsSpan(0, _wantedCount));
        _comparison.SetOthers(wanted, WantedAt);
        for (var i = 0; i < _answeredCount; i++)
        {
            ref readonly var one = ref answered[_answeredAt[i]];
            var row = i * _wantedCount;
            _comparison.Compare(one, diagonal, _overlaps.AsSpan(row), _distances.AsSpan(row));
        }
        var size = _answeredCount * _wantedCount;
        for (var i = 0; i < size; i++)
            _costs[i] = 1 - _overlaps[i] + _distances[i];
        TotalCost = _assignment.Solve(_costs.AsSpan(0, size), _answeredCount, _wantedCount, _wantedOf.AsSpan(0, _answeredCount));
    }

    /// <summary>The IoU of an answered and a true box, by their places.</summary>
    public double Overlap(int answered, int wanted) => _overlaps[answered * _wantedCount + wanted];

    /// <summary>The distance of their points, as a fraction of the image diagonal.</summary>
    public double Distance(int answered, int wanted) => _distances[answered * _wantedCount + wanted];

    private void MakeRoom()
    {
        if (_answeredAt.Length < _answeredCount)
            (_answeredAt, _wantedOf) = (new int[_answeredCount], new int[_answeredCount]);
        if (_wantedAt.Length < _wantedCount)
            _wantedAt = new int[_wantedCount];
        var size = _answeredCount * _wantedCount + ObjectComparison.Spare;
        if (_costs.Length < size)
            (_costs, _overlaps, _distances) = (new double[size], new double[size], new double[size]);
    }
}
