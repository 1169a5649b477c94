using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Linear assignment of at most three rows and columns by trying all six ways at once: answers mostly have a few objects,
/// and which way is the best no branch foretells.
/// </summary>
internal static class FewAssignment
{
    public const int Most = 3;

    private const int Lanes = 4;

    /// <summary>Finds the column of every row, <see cref="LinearAssignment.Solve"/> for few of both; -1 for a row without one.</summary>
    public static void Solve(ReadOnlySpan<double> costs, int rows, int columns, Span<int> columnOfRow)
    {
        // Made square by rows or columns that cost nothing; what is then missing of three can only be given to itself.
        var square = Math.Max(rows, columns);
        Span<double> three = stackalloc double[Most * Lanes];
        three.Fill(double.PositiveInfinity);
        for (var row = 0; row < Most; row++)
        {
            for (var column = 0; column < square && row < square; column++)
                three[row * Lanes + column] = row < rows && column < columns ? costs[row * columns + column] : 0;
            if (row >= square)
                three[row * Lanes + row] = 0;
        }
        Vector256<double> first = Vector256.Create<double>(three), second = Vector256.Create<double>(three[Lanes..]), third = Vector256.Create<double>(three[(2 * Lanes)..]);

        // Lane c: the first row takes column c, the others the columns after it upwards or downwards, both in a circle.
        var upwards = first + OneOn(second) + TwoOn(third);
        var downwards = first + TwoOn(second) + OneOn(third);
        var better = Vector256.MinNative(upwards, downwards);
        var least = Vector256.MinNative(better, OneOn(better));
        least = Vector256.MinNative(least, TwoOn(better));
        var of = BitOperations.TrailingZeroCount(Vector256.Equals(better, least).ExtractMostSignificantBits());
        var up = (Vector256.LessThanOrEqual(upwards, downwards).ExtractMostSignificantBits() >> of) & 1;
        var step = up == 1 ? 1 : 2;
        for (var row = 0; row < rows; row++)
        {
            var column = (of + row * step) % Most;
            columnOfRow[row] = column < columns ? column : -1;
        }
    }

    private static Vector256<double> OneOn(Vector256<double> lanes) => Vector256.Shuffle(lanes, Vector256.Create(1L, 2, 0, 3));

    private static Vector256<double> TwoOn(Vector256<double> lanes) => Vector256.Shuffle(lanes, Vector256.Create(2L, 0, 1, 3));
}
