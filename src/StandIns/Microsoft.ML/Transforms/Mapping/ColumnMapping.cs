namespace Microsoft.ML.Data;

/// <summary>Columns computed from the columns of a row, bound to an input schema.</summary>
internal abstract class ColumnMapping
{
    /// <summary>The columns that are added.</summary>
    public abstract DataViewSchema.DetachedColumn[] Added { get; }

    /// <summary>The input columns that an added column is computed from.</summary>
    public abstract IEnumerable<DataViewSchema.Column> InputsOf(int added);

    /// <summary>Getters over a row for those added columns that are active; null for the others.</summary>
    public abstract Delegate[] CreateGetters(DataViewRow input, bool[] active);
}
