namespace Microsoft.ML.Data;

/// <summary>Holds the object that getters read at the moment.</summary>
internal sealed class RowBox<TRow>
{
    public TRow Row;
}
