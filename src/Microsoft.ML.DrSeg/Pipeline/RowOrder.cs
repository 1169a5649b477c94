using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>In which order the rows of a view are passed over: as they are, or shuffled anew in every pass.</summary>
internal sealed class RowOrder
{
    private readonly IDataView view;
    private readonly ulong? seed;

    private RowOrder(IDataView view, ulong? seed) => (this.view, this.seed) = (view, seed);

    /// <summary>Whether a row's place in the order differs from its place in the view.</summary>
    public bool IsShuffled => seed is not null;

    public static RowOrder AsTheyAre(IDataView view) => new(view, null);

    /// <summary>Shuffled; one seed is one series of orders.</summary>
    /// <param name="view">The view.</param>
    /// <param name="seed">Which series.</param>
    /// <param name="poolSize">Rows held in memory to draw from.</param>
    public static RowOrder Shuffled(IDataView view, int seed, int poolSize) =>
        new(new MLContext(seed).Data.ShuffleRows(view, seed, poolSize), unchecked((ulong)seed));

    /// <summary>The rows of one pass.</summary>
    public DataViewRowCursor Open(IEnumerable<DataViewSchema.Column> columns, long pass) =>
        view.GetRowCursor(columns, seed is { } key ? new Random(Draw(key, pass)) : null);

    private static int Draw(ulong seed, long pass)
    {
        DeterministicRandom random = DeterministicRandom.Create(seed, (ulong)pass);
        return random.NextInt(int.MaxValue);
    }
}
