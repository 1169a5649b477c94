namespace Microsoft.ML.Data;

/// <summary>A cursor that passes on some rows of another one, numbered anew, with all else unchanged.</summary>
internal abstract class PassingCursor(DataViewRowCursor source, ActiveColumns active) : CountingCursor(source.Schema, active)
{
    protected DataViewRowCursor Source { get; } = source;

    public sealed override long Batch => Source.Batch;

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => Source.GetIdGetter();

    protected sealed override Delegate GetterOf(int column) => Getters.Of(Source, Source.Schema[column]);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Source.Dispose();
        base.Dispose(disposing);
    }
}
