namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Something that all added columns of a row share: computed when the first of them is read.</summary>
internal sealed class PerRow<T>(DataViewRow row, Func<T> compute)
{
    private bool computed;
    private long position;
    private T value = default!;

    public T Value
    {
        get
        {
            if (!computed || row.Position != position)
            {
                value = compute();
                (computed, position) = (true, row.Position);
            }
            return value;
        }
    }
}
