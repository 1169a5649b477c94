using System.Numerics;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Compares label maps, one byte a pixel, and sums them up to <see cref="LabelMapMetrics"/> in a table of counters, one for
/// each pair of labels. Maps may be added in any order, by several accumulators that are merged afterwards: the counters are
/// whole numbers. One accumulator serves one thread.
/// </summary>
internal sealed class LabelMapAccumulator
{
    private readonly int _classCount;
    private readonly int? _ignoreLabel;
    private readonly JointHistogram _pairs = new();

    /// <param name="classCount">Number of classes, 1 to 256; their labels are 0 to <paramref name="classCount"/> - 1.</param>
    public LabelMapAccumulator(int classCount, int? ignoreLabel = 255)
    {
        if (classCount is < 1 or > 256)
            throw new ArgumentOutOfRangeException(nameof(classCount), classCount, "Label maps of one byte a pixel have 1 to 256 classes.");
        if (ignoreLabel is < 0 or > 255)
            throw new ArgumentOutOfRangeException(nameof(ignoreLabel), ignoreLabel, "The ignored label must be a byte, 0 to 255, or null for none.");
        (_classCount, _ignoreLabel) = (classCount, ignoreLabel);
    }

    /// <param name="predicted">The same pixels in the same order.</param>
    public void Add(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted)
    {
        if (truth.Length != predicted.Length)
            throw new ArgumentException($"The true map has {truth.Length} pixels and the predicted one {predicted.Length}; scale one to the other.", nameof(predicted));
        CheckLabels(truth, nameof(truth));
        CheckLabels(predicted, nameof(predicted));
        _pairs.Add(truth, predicted);
    }

    /// <summary>Adds all that another one of the same classes has summed up.</summary>
    public void Merge(LabelMapAccumulator other) => _pairs.Merge(other._pairs);

    public LabelMapMetrics Complete(IReadOnlyList<string>? classNames = null)
    {
        if (classNames is not null && classNames.Count != _classCount)
            throw new ArgumentException($"There are {classNames.Count} class names for {_classCount} classes; name every class.", nameof(classNames));
        var (truth, predicted, shared) = (new long[_classCount], new long[_classCount], new long[_classCount]);
        for (var label = 0; label < _classCount; label++)
        {
            if (label == _ignoreLabel)
                continue;
            shared[label] = _pairs[(byte)label, (byte)label];
            for (var other = 0; other < 256; other++)
            {
                truth[label] += _pairs[(byte)label, (byte)other];
                predicted[label] += other == _ignoreLabel ? 0 : _pairs[(byte)other, (byte)label];
            }
        }
        return truth.Any(count => count > 0)
            ? new LabelMapMetrics(truth, predicted, shared, Confusion(), classNames)
            : throw new InvalidOperationException("There is no pixel to judge: no map was added, or the truth has nothing but the ignored label.");
    }

    private long[][] Confusion() => [.. Enumerable.Range(0, _classCount).Select(truth => Enumerable.Range(0, _classCount)
        .Select(predicted => truth == _ignoreLabel || predicted == _ignoreLabel ? 0 : _pairs[(byte)truth, (byte)predicted]).ToArray())];

    private void CheckLabels(ReadOnlySpan<byte> labels, string name)
    {
        if (_classCount == 256)
            return;
        var last = new Vector<byte>((byte)(_classCount - 1));
        // Without an ignored label the last class stands in for it, which every comparison allows anyway.
        var ignored = new Vector<byte>((byte)(_ignoreLabel ?? (_classCount - 1)));
        var i = 0;
        for (; i <= labels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var values = new Vector<byte>(labels[i..]);
            if (!Vector.LessThanOrEqualAll(Vector.AndNot(values, Vector.Equals(values, ignored)), last))
                break;
        }
        for (; i < labels.Length; i++)
        {
            if (labels[i] >= _classCount && labels[i] != _ignoreLabel)
                throw new ArgumentException($"Pixel {i} has label {labels[i]}; labels are 0 to {_classCount - 1}{(_ignoreLabel is { } label ? $", or {label} for a pixel that is not judged" : "")}.", name);
        }
    }
}
