namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Sums query results up to <see cref="SegmentationMetrics"/>, in counters whose size depends on the number of classes
/// alone. Results may be added in any order, by several accumulators that are merged afterwards: the figures are the same
/// to the last bit. One accumulator serves one thread.
/// </summary>
internal sealed class SegmentationAccumulator
{
    private readonly List<(long Intersection, long Union)> _classes = [];
    private readonly long[] _reached = new long[SegmentationMetrics.PrecisionThresholds.Count];
    private ExactMean _iou, _dice, _boundary, _boxes;
    private long _intersection, _union, _failed, _absent, _rightlyEmpty, _rightlyFound, _counted, _rightlyCounted;

    public void Add(in QueryResult result)
    {
        var (index, shared, joint, failed) = result;
        if (result.BoundaryIoU is { } boundary)
            _boundary.Add(boundary);
        if (result.MatchedBoxIoU is { } boxes && !result.IsAbsent)
            _boxes.Add(boxes);
        _counted += result.IsCountRight is null ? 0 : 1;
        _rightlyCounted += result.IsCountRight is true ? 1 : 0;

        // A failed answer shares nothing with the truth, whatever its areas say.
        AddAreas(index, failed ? 0 : shared, joint);
        var iou = result.IntersectionOverUnion;
        _iou.Add(iou);
        _dice.Add(result.Dice);
        for (var i = 0; i < _reached.Length && iou >= SegmentationMetrics.PrecisionThresholds[i]; i++)
            _reached[i]++;
        _failed += failed ? 1 : 0;
        _absent += result.IsAbsent ? 1 : 0;
        _rightlyEmpty += result.IsRightlyEmpty ? 1 : 0;
        _rightlyFound += result.IsAbsent || result.IsEmpty || failed ? 0 : 1;
    }

    /// <param name="other">Its classes mean the same.</param>
    public void Merge(SegmentationAccumulator other)
    {
        for (var i = 0; i < other._classes.Count; i++)
            AddAreas(i, other._classes[i].Intersection, other._classes[i].Union);
        for (var i = 0; i < _reached.Length; i++)
            _reached[i] += other._reached[i];
        _iou.Merge(other._iou);
        _dice.Merge(other._dice);
        _boundary.Merge(other._boundary);
        _boxes.Merge(other._boxes);
        _failed += other._failed;
        _absent += other._absent;
        _rightlyEmpty += other._rightlyEmpty;
        _rightlyFound += other._rightlyFound;
        _counted += other._counted;
        _rightlyCounted += other._rightlyCounted;
    }

    public SegmentationMetrics Complete(IReadOnlyList<string>? classNames = null)
    {
        if (classNames is not null && classNames.Count < _classes.Count)
            throw new ArgumentException($"There are {classNames.Count} class names, but results of class {_classes.Count - 1}; name every class.", nameof(classNames));
        return Complete(classNames, [.. Enumerable.Range(0, classNames?.Count ?? _classes.Count)]);
    }

    /// <summary>The figures with the classes in another order, which the mean over them is taken in as well.</summary>
    internal SegmentationMetrics Complete(IReadOnlyList<string>? classNames, int[] order)
    {
        if (_iou.Count == 0)
            throw new InvalidOperationException("There are no queries to evaluate; add at least one result.");
        double?[] classes = [.. order.Select(index => index < _classes.Count && _classes[index] is { Union: > 0 } area ? (double?)area.Intersection / area.Union : null)];
        return new SegmentationMetrics
        {
            QueryCount = _iou.Count,
            GeneralizedIoU = _iou.Value!.Value,
            CumulativeIoU = _union == 0 ? 1 : (double)_intersection / _union,
            MeanIoU = classes.Average() ?? 1,
            Dice = _dice.Value!.Value,
            BoundaryIoU = _boundary.Value,
            PrecisionAt = [.. _reached.Select(count => (double)count / _iou.Count)],
            FailedShare = (double)_failed / _iou.Count,
            AbsentCount = _absent,
            AbsentAccuracy = Share(_rightlyEmpty, _absent),
            PresentAccuracy = Share(_rightlyFound, _iou.Count - _absent),
            CountAccuracy = Share(_rightlyCounted, _counted),
            MatchedBoxIoU = _boxes.Value,
            ClassIoU = classes,
            ClassNames = classNames,
        };
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;

    private void AddAreas(int index, long intersection, long union)
    {
        while (_classes.Count <= index)
            _classes.Add(default);
        var (oldIntersection, oldUnion) = _classes[index];
        _classes[index] = (oldIntersection + intersection, oldUnion + union);
        _intersection += intersection;
        _union += union;
    }
}
