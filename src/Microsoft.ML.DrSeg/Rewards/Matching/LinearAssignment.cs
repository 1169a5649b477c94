using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Exact linear assignment: gives every row of a cost matrix a column of its own, or every column a row where there are
/// fewer columns, so that the sum of the chosen costs is as small as it can be.
/// </summary>
/// <remarks>
/// <para>Shortest augmenting paths (Jonker and Volgenant 1987, Computing 38, 325-340), begun with their column reduction
/// and augmenting row reduction. Where columns outnumber rows, prices v start at 0 instead and only fall, and only for
/// columns that are taken, which keeps the reduced costs optimal. O(n^3) at worst. For up to three rows and columns, which
/// most answers have, all ways of choosing are tried.</para>
/// <para>The matrix is copied into rows padded with infinite costs to whole vectors, so that the two inner loops, in which
/// nearly all of the time goes, have no remainder. The object keeps its workspace: once it has met its largest matrix it
/// allocates nothing. Use one on each thread.</para>
/// </remarks>
internal sealed class LinearAssignment
{
    private const int None = -1;

    private const int Few = 3;

    // Row reduction takes a column from one row for another. After as many times as there are rows, paths are quicker; and
    // without a limit, prices that fall only by rounding errors would make it endless.
    private const int ReductionsPerRow = 1;

    // The six ways of giving three rows three columns: the column of the first row, of the second, of the third.
    private static ReadOnlySpan<byte> Ways => [0, 1, 2, 0, 2, 1, 1, 2, 0, 1, 0, 2, 2, 0, 1, 2, 1, 0];

    private static Vector256<double> LaneNumbers => Vector256.Create(0.0, 1, 2, 3);

    private double[] _costs = [];       // rows x _stride
    private double[] _prices = [];      // v, by column
    private double[] _distances = [];   // length of the shortest path found so far to a column
    private double[] _shut = [];        // 0 for a column that a path may still be extended to, infinity for one that is done
    private double[] _origins = [];     // the row before a column on its shortest path; doubles, to move in vectors with the rest
    private int[] _rowOf = [];
    private int[] _columnOf = [];
    private int[] _freeRows = [];
    private int[] _freeColumns = [];
    private int[] _done = [];
    private int _stride;
    private int _freeColumnCount;

    /// <param name="costs">Rows x columns costs, row by row; finite.</param>
    /// <param name="columnOfRow">Receives the column of each row; -1 for a row without one, where there are more rows than columns.</param>
    /// <returns>The sum of the chosen costs.</returns>
    public double Solve(ReadOnlySpan<double> costs, int rows, int columns, Span<int> columnOfRow)
    {
        columnOfRow.Fill(None);
        if (costs.IsEmpty)
            return 0;

        if (rows <= Few && columns <= Few)
            SolveByTrying(costs, rows, columns, columnOfRow);
        else
            SolveByPaths(costs, rows, columns, columnOfRow);

        var total = 0.0;
        for (var row = 0; row < rows; row++)
            total += columnOfRow[row] == None ? 0 : costs[row * columns + columnOfRow[row]];
        return total;
    }

    /// <summary>Tries all ways of choosing; the first of the best wins.</summary>
    private static void SolveByTrying(ReadOnlySpan<double> costs, int rows, int columns, Span<int> columnOfRow)
    {
        // In a smaller matrix a way gives some rows columns that do not exist. It counts where it still makes as many pairs as
        // possible, as the first way always does.
        var (best, least, mostPairs) = (0, double.PositiveInfinity, Math.Min(rows, columns));
        for (var way = 0; way < Ways.Length; way += Few)
        {
            var (total, pairs) = (0.0, 0);
            for (var row = 0; row < rows; row++)
            {
                var column = Ways[way + row];
                if (column >= columns)
                    continue;
                total += costs[row * columns + column];
                pairs++;
            }
            if (pairs == mostPairs && total < least)
                (best, least) = (way, total);
        }
        for (var row = 0; row < rows; row++)
            columnOfRow[row] = Ways[best + row] < columns ? Ways[best + row] : None;
    }

    private void SolveByPaths(ReadOnlySpan<double> costs, int rows, int columns, Span<int> columnOfRow)
    {
        var turned = rows > columns;
        var (few, many) = turned ? (columns, rows) : (rows, columns);
        Prepare(few, many);
        if (turned)
            CopyTurned(costs, few, many);
        else
            CopyPadded(costs, few, many);
        var free = few == many ? StartAtLeastPrices(few) : StartWithout(few);
        free = ReduceRows(free, few, many);
        for (var i = 0; i < free; i++)
            Augment(_freeRows[i]);

        for (var i = 0; i < few; i++)
        {
            var (row, column) = turned ? (_columnOf[i], i) : (i, _columnOf[i]);
            columnOfRow[row] = column;
        }
    }

    private void Prepare(int rows, int columns)
    {
        _stride = (columns + Vector256<double>.Count - 1) / Vector256<double>.Count * Vector256<double>.Count;
        if (_costs.Length < rows * _stride)
            _costs = new double[rows * _stride];
        if (_prices.Length < _stride)
        {
            (_prices, _distances, _shut, _origins) = (new double[_stride], new double[_stride], new double[_stride], new double[_stride]);
            (_rowOf, _columnOf, _freeRows) = (new int[_stride], new int[_stride], new int[_stride]);
            (_freeColumns, _done) = (new int[_stride], new int[_stride]);
        }
        _prices.AsSpan(0, _stride).Clear();
        _rowOf.AsSpan(0, columns).Fill(None);
        _columnOf.AsSpan(0, rows).Fill(None);
    }

    private void CopyPadded(ReadOnlySpan<double> costs, int rows, int columns)
    {
        if (_stride == columns)
            costs.CopyTo(_costs);
        for (var row = 0; row < rows && _stride > columns; row++)
        {
            costs.Slice(row * columns, columns).CopyTo(_costs.AsSpan(row * _stride));
            _costs.AsSpan(row * _stride + columns, _stride - columns).Fill(double.PositiveInfinity);
        }
    }

    private void CopyTurned(ReadOnlySpan<double> costs, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            var target = _costs.AsSpan(row * _stride, _stride);
            for (var column = 0; column < columns; column++)
                target[column] = costs[column * rows + row];
            target[columns..].Fill(double.PositiveInfinity);
        }
    }

    /// <summary>Leaves all rows free, and all columns at a price of 0: columns that stay without a row must keep that price.</summary>
    private int StartWithout(int rows)
    {
        for (var row = 0; row < rows; row++)
            _freeRows[row] = row;
        return rows;
    }

    /// <summary>
    /// Prices every column at its least cost, which only a matrix with as many rows as columns allows, and gives every row a
    /// free column that costs it just that price, where there is one. A single scan of each row assigns most of them.
    /// </summary>
    /// <returns>How many rows wait in <see cref="_freeRows"/>.</returns>
    private int StartAtLeastPrices(int size)
    {
        ref var costs = ref MemoryMarshal.GetArrayDataReference(_costs);
        for (var column = 0; column < _stride; column += Vector256<double>.Count)
        {
            var least = Vector256.LoadUnsafe(ref costs, (nuint)column);
            for (var row = 1; row < size; row++)
                least = Vector256.MinNative(least, Vector256.LoadUnsafe(ref costs, (nuint)(row * _stride + column)));
            least.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(_prices), (nuint)column);
        }
        _prices.AsSpan(size, _stride - size).Clear();

        var waiting = 0;
        for (var row = 0; row < size; row++)
        {
            var column = FreeColumnAtItsPrice(row);
            if (column == None)
                _freeRows[waiting++] = row;
            else
                (_rowOf[column], _columnOf[row]) = (row, column);
        }
        return waiting;
    }

    private int FreeColumnAtItsPrice(int row)
    {
        ref var costs = ref MemoryMarshal.GetReference(_costs.AsSpan(row * _stride, _stride));
        for (var column = 0; column < _stride; column += Vector256<double>.Count)
        {
            var cheap = Vector256.Equals(Vector256.LoadUnsafe(ref costs, (nuint)column), Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_prices), (nuint)column)).ExtractMostSignificantBits();
            for (; cheap != 0; cheap &= cheap - 1)
            {
                var at = column + BitOperations.TrailingZeroCount(cheap);
                if (_rowOf[at] == None)
                    return at;
            }
        }
        return None;
    }

    /// <summary>
    /// Lets every free row take its cheapest column, lowered in price until it costs the row as much as its second cheapest.
    /// A row that loses its column so looks for another in turn. Rows that only find ties wait for <see cref="Augment"/>.
    /// </summary>
    /// <returns>How many rows wait in <see cref="_freeRows"/>.</returns>
    private int ReduceRows(int free, int rows, int columns)
    {
        var waiting = 0;
        var left = ReductionsPerRow * rows;
        for (var i = 0; i < free; i++)
        {
            for (var row = _freeRows[i]; row != None;)
            {
                var (least, second, column) = TwoSmallest(row);
                var strict = least < second;
                if (!strict && _rowOf[column] != None)
                    column = TiedFreeColumn(row, least, column);
                var owner = _rowOf[column];
                if (owner != None && (!strict || --left < 0))
                {
                    _freeRows[waiting++] = row;
                    break;
                }
                // Columns that stay free must keep their price, so only that of a taken one falls.
                if (strict && double.IsFinite(second))
                    LowerPrice(column, second - least);
                (_rowOf[column], _columnOf[row]) = (row, column);
                if (owner != None)
                    _columnOf[owner] = None;
                row = owner;
            }
        }
        _freeColumnCount = 0;
        for (var column = 0; column < columns; column++)
        {
            if (_rowOf[column] == None)
                _freeColumns[_freeColumnCount++] = column;
        }
        return waiting;
    }

    // Writes a whole vector where one number would do: the next scan loads that vector, and would wait for a smaller write.
    private void LowerPrice(int column, double by)
    {
        var start = column / Vector256<double>.Count * Vector256<double>.Count;
        ref var prices = ref MemoryMarshal.GetReference(_prices.AsSpan(start, Vector256<double>.Count));
        var there = Vector256.Equals(LaneNumbers, Vector256.Create((double)(column - start)));
        (Vector256.LoadUnsafe(ref prices) - (Vector256.Create(by).AsInt64() & there.AsInt64()).AsDouble()).StoreUnsafe(ref prices);
    }

    /// <summary>The smallest and second smallest reduced cost of a row, and the first column of the smallest.</summary>
    private (double Least, double Second, int Column) TwoSmallest(int row)
    {
        ref var costs = ref MemoryMarshal.GetReference(_costs.AsSpan(row * _stride, _stride));
        ref var prices = ref MemoryMarshal.GetArrayDataReference(_prices);
        Vector256<double> least = Vector256.Create(double.PositiveInfinity), second = least, at = Vector256<double>.Zero, lanes = LaneNumbers, step = Vector256.Create((double)Vector256<double>.Count);
        for (var column = 0; column < _stride; column += Vector256<double>.Count)
        {
            var reduced = Vector256.LoadUnsafe(ref costs, (nuint)column) - Vector256.LoadUnsafe(ref prices, (nuint)column);
            var less = Vector256.LessThan(reduced, least);
            second = Vector256.MinNative(second, Vector256.MaxNative(least, reduced));
            least = Vector256.MinNative(least, reduced);
            at = Vector256.ConditionalSelect(less, lanes, at);
            lanes += step;
        }
        var smallest = LeastLane(least);
        var holders = Vector256.Equals(least, smallest);
        var place = LeastLane(Vector256.ConditionalSelect(holders, at, Vector256.Create(double.PositiveInfinity)));
        // The runner-up is the second smallest of the lane that holds the smallest, or the smallest of another lane.
        var runnerUp = LeastLane(Vector256.ConditionalSelect(holders, second, least)).ToScalar();
        if (BitOperations.PopCount(holders.ExtractMostSignificantBits()) > 1)
            runnerUp = smallest.ToScalar();
        return (smallest.ToScalar(), runnerUp, (int)place.ToScalar());
    }

    private int TiedFreeColumn(int row, double least, int otherwise)
    {
        var costs = _costs.AsSpan(row * _stride, _stride);
        for (var column = 0; column < costs.Length; column++)
        {
            if (costs[column] - _prices[column] == least && _rowOf[column] == None)
                return column;
        }
        return otherwise;
    }

    /// <summary>Gives a free row a column along the shortest alternating path to a free one, and lowers the prices on the way.</summary>
    private void Augment(int freeRow)
    {
        _distances.AsSpan(0, _stride).Fill(double.PositiveInfinity);
        _shut.AsSpan(0, _stride).Clear();
        var (row, done, debt) = (freeRow, 0, 0.0);
        double length;
        int column;
        while (true)
        {
            (length, column) = Extend(row, debt);
            column = NearestFreeColumn(length, column);
            if (_rowOf[column] == None)
                break;
            _shut[column] = double.PositiveInfinity;
            _done[done++] = column;
            row = _rowOf[column];
            debt = _costs[row * _stride + column] - _prices[column] - length;
        }

        foreach (var passed in _done.AsSpan(0, done))
            _prices[passed] += _distances[passed] - length;
        _freeColumnCount--;
        _freeColumns.AsSpan(0, _freeColumnCount + 1).Replace(column, _freeColumns[_freeColumnCount]);
        while (column != None)
        {
            var origin = (int)_origins[column];
            var next = _columnOf[origin];
            (_rowOf[column], _columnOf[origin]) = (origin, column);
            column = origin == freeRow ? None : next;
        }
    }

    /// <summary>Extends paths through a row to every column not done, and finds the column then nearest.</summary>
    private (double Length, int Column) Extend(int row, double debt)
    {
        ref var costs = ref MemoryMarshal.GetReference(_costs.AsSpan(row * _stride, _stride));
        ref var prices = ref MemoryMarshal.GetArrayDataReference(_prices);
        ref var distances = ref MemoryMarshal.GetArrayDataReference(_distances);
        ref var shut = ref MemoryMarshal.GetArrayDataReference(_shut);
        ref var origins = ref MemoryMarshal.GetArrayDataReference(_origins);
        Vector256<double> owed = Vector256.Create(debt), origin = Vector256.Create((double)row), step = Vector256.Create((double)Vector256<double>.Count);
        Vector256<double> least = Vector256.Create(double.PositiveInfinity), at = Vector256<double>.Zero, lanes = LaneNumbers;
        for (var i = (nuint)0; i < (nuint)_stride; i += (nuint)Vector256<double>.Count)
        {
            var closed = Vector256.LoadUnsafe(ref shut, i);
            var old = Vector256.LoadUnsafe(ref distances, i);
            var through = Vector256.LoadUnsafe(ref costs, i) - Vector256.LoadUnsafe(ref prices, i) - owed + closed;
            var shorter = Vector256.LessThan(through, old);
            var distance = Vector256.ConditionalSelect(shorter, through, old);
            distance.StoreUnsafe(ref distances, i);
            Vector256.ConditionalSelect(shorter, origin, Vector256.LoadUnsafe(ref origins, i)).StoreUnsafe(ref origins, i);
            var open = distance + closed;
            var nearer = Vector256.LessThan(open, least);
            least = Vector256.MinNative(least, open);
            at = Vector256.ConditionalSelect(nearer, lanes, at);
            lanes += step;
        }
        var nearest = LeastLane(least);
        var place = LeastLane(Vector256.ConditionalSelect(Vector256.Equals(least, nearest), at, Vector256.Create(double.PositiveInfinity)));
        return (nearest.ToScalar(), (int)place.ToScalar());
    }

    /// <summary>The smallest lane, in every lane.</summary>
    private static Vector256<double> LeastLane(Vector256<double> lanes)
    {
        lanes = Vector256.MinNative(lanes, Vector256.Shuffle(lanes, Vector256.Create(2L, 3, 0, 1)));
        return Vector256.MinNative(lanes, Vector256.Shuffle(lanes, Vector256.Create(1L, 0, 3, 2)));
    }

    /// <summary>A free column at a distance, which ends the search at once; where there is none, the other one given.</summary>
    private int NearestFreeColumn(double length, int otherwise)
    {
        foreach (var column in _freeColumns.AsSpan(0, _freeColumnCount))
        {
            if (_distances[column] == length)
                return column;
        }
        return otherwise;
    }
}
