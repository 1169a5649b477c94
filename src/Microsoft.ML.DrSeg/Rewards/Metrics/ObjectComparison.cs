using System.Runtime.Intrinsics;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Compares an object with many others: the overlap of the boxes and the distance of the points.
/// </summary>
/// <remarks>
/// Keeps the others coordinate by coordinate, so that four of them are compared in one vector. The results are those of
/// <see cref="BoundingBox.IntersectionOverUnion"/> and <see cref="CandidateScores.Distance"/>, to the last bit.
/// </remarks>
internal sealed class ObjectComparison
{
    private const int Lanes = 4;

    /// <summary>Room that results need behind the last one, as they are written four at a time.</summary>
    public const int Spare = Lanes - 1;

    private float[] _left = [], _top = [], _right = [], _bottom = [], _area = [], _x = [], _y = [];
    private int _count;

    /// <param name="order">The index of the object that becomes the first, then of the second, and so on.</param>
    public void SetOthers(ReadOnlySpan<SegmentedObject> objects, ReadOnlySpan<int> order)
    {
        _count = order.Length;
        if (_left.Length < _count + Spare)
        {
            float[] New() => new float[_count + Spare];
            (_left, _top, _right, _bottom, _area, _x, _y) = (New(), New(), New(), New(), New(), New(), New());
        }
        for (var i = 0; i < order.Length; i++)
        {
            ref readonly var one = ref objects[order[i]];
            (_left[i], _top[i], _right[i], _bottom[i]) = one.Box;
            _area[i] = one.Box.Area;
            (_x[i], _y[i]) = one.Point;
        }
    }

    /// <param name="overlaps">Receives the IoU of the boxes; <see cref="Spare"/> numbers behind them are overwritten.</param>
    /// <param name="distances">Receives the distances of the points as fractions of the diagonal, in the same way.</param>
    public void Compare(in SegmentedObject one, double diagonal, Span<double> overlaps, Span<double> distances)
    {
        for (var i = 0; i < _count; i += Lanes)
        {
            Overlap(one.Box, i).CopyTo(overlaps[i..]);
            (Distance(one.Point, i) / Vector256.Create(diagonal)).CopyTo(distances[i..]);
        }
    }

    private Vector256<double> Overlap(BoundingBox box, int at)
    {
        var width = Vector128.MinNative(Vector128.Create(box.X1), Four(_right, at)) - Vector128.MaxNative(Vector128.Create(box.X0), Four(_left, at));
        var height = Vector128.MinNative(Vector128.Create(box.Y1), Four(_bottom, at)) - Vector128.MaxNative(Vector128.Create(box.Y0), Four(_top, at));
        var touch = Vector128.GreaterThan(width, Vector128<float>.Zero) & Vector128.GreaterThan(height, Vector128<float>.Zero);
        var shared = Doubles(Vector128.ConditionalSelect(touch, width * height, Vector128<float>.Zero));
        var joint = Vector256.Create((double)box.Area) + Doubles(Four(_area, at)) - shared;
        // Not 0 / 0, where both boxes are empty.
        return Vector256.ConditionalSelect(Vector256.GreaterThan(shared, Vector256<double>.Zero), shared / joint, Vector256<double>.Zero);
    }

    private Vector256<double> Distance(PixelPoint point, int at)
    {
        var (x, y) = (Vector256.Create((double)point.X) - Doubles(Four(_x, at)), Vector256.Create((double)point.Y) - Doubles(Four(_y, at)));
        return Vector256.Sqrt(x * x + y * y);
    }

    private static Vector128<float> Four(float[] column, int at) => Vector128.Create(column.AsSpan(at, Lanes));

    private static Vector256<double> Doubles(Vector128<float> numbers) => Vector256.WidenLower(numbers.ToVector256Unsafe());
}
