using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Makes tables and takes them apart: from and to objects, shuffled, filtered, split, cached.</summary>
public sealed class DataOperationsCatalog
{
    // A split without any seed is the same one every time; by a key it is that of ML.NET, which then hashes with this one.
    private const int DefaultSplitSeed = 314489979;

    private readonly Host _host;
    private readonly int? _seed;

    internal DataOperationsCatalog(Host host, int? seed) => (_host, _seed) = (host, seed);

    /// <summary>Two parts of a table.</summary>
    public struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet) => (TrainSet, TestSet) = (trainSet, testSet);
    }

    /// <summary>A table over objects, which are enumerated by every cursor anew.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null) where TRow : class =>
        new EnumerableDataView<TRow>(data, schemaDefinition);

    /// <summary>A table over objects with the types and annotations of a schema.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema) where TRow : class
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new EnumerableDataView<TRow>(data, SchemaDefinition.Create(typeof(TRow), schema));
    }

    /// <param name="reuseRowObject">Whether one object, and its arrays, serve for all rows.</param>
    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null) where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        var binding = new ObjectBinding<TRow>(data.Schema, ignoreMissingColumns, schemaDefinition);
        return Enumerate(data, binding, reuseRowObject);
    }

    /// <param name="samplingKeyColumnName">Rows with the same value of this column stay together.</param>
    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!(testFraction > 0 && testFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "The fraction of the test set lies between 0 and 1, both excluded.");
        DataViewSchema.Column? key = null;
        if (samplingKeyColumnName != null)
            key = data.Schema.GetColumnOrNull(samplingKeyColumnName) ?? throw SchemaErrors.Missing("SamplingKeyColumn", samplingKeyColumnName, data.Schema);

        var fractions = new RowFractions(data, key, (uint)(seed ?? _seed ?? DefaultSplitSeed));
        // By place, a row's part depends on the order; by key, it does not.
        bool mayShuffle = key.HasValue;
        return new TrainTestData(
            new FilteredView(data, fractions.Columns, row => Test(row, fraction => fraction >= testFraction), mayShuffle),
            new FilteredView(data, fractions.Columns, row => Test(row, fraction => fraction < testFraction), mayShuffle));

        Func<bool> Test(DataViewRow row, Func<double, bool> accept)
        {
            Func<double> fraction = fractions.Bind(row);
            return () => accept(fraction());
        }
    }

    /// <summary>The rows in random order, without columns of images and of types of one's own.</summary>
    /// <param name="shufflePoolSize">The rows held in memory to draw from.</param>
    /// <param name="shuffleSource">Whether the input shuffles as well, where it can.</param>
    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (shufflePoolSize <= 0)
            throw new ArgumentOutOfRangeException(nameof(shufflePoolSize), shufflePoolSize, "The pool holds at least one row.");
        return new ShuffledView(KeepableColumns.Of(input), seed ?? _host.NextSeed(), shufflePoolSize, shuffleSource);
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SliceView(input, 0, count);
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SliceView(input, count, long.MaxValue);
    }

    /// <summary>Keeps the rows in memory, without columns of images and of types of one's own.</summary>
    /// <param name="columnsToPrefetch">Columns to keep with the first pass, whether it reads them or not.</param>
    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        ArgumentNullException.ThrowIfNull(input);
        foreach (DataViewSchema.Column column in (columnsToPrefetch ?? []).Select(name => input.Schema[name]))
        {
            if (!KeepableColumns.IsKeepable(column.Type))
                throw new InvalidOperationException($"Asked to prefetch column '{column.Name}' into cache, but it is of unhandled type '{column.Type}'.");
        }

        IDataView kept = KeepableColumns.Of(input);
        return new CachedView(kept, (columnsToPrefetch ?? []).Select(name => kept.Schema[name]));
    }

    /// <summary>Keeps the rows whose number lies in [lowerBound, upperBound); NaN never does.</summary>
    public IDataView FilterRowsByColumn(IDataView input, string columnName, double lowerBound = double.NegativeInfinity, double upperBound = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column column = input.Schema[columnName];
        return new FilteredView(input, [column], RowTests.InRange(column, lowerBound, upperBound));
    }

    /// <summary>Drops the rows that have a NaN in one of the columns.</summary>
    public IDataView FilterRowsByMissingValues(IDataView input, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(columns);
        return columns.Select(name => input.Schema[name]).Aggregate(input, (view, column) => new FilteredView(view, [column], RowTests.NotMissing(column)));
    }

    private static IEnumerable<TRow> Enumerate<TRow>(IDataView data, ObjectBinding<TRow> binding, bool reuse) where TRow : class, new()
    {
        using DataViewRowCursor cursor = data.GetRowCursor(binding.Columns);
        Action<TRow> fill = binding.CreateFiller(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            if (!reuse || row == null)
                row = new TRow();
            fill(row);
            yield return row;
        }
    }
}
