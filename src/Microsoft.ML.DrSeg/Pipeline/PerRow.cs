namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Something that all added columns of a row share: computed when the first of them is read.</summary>
internal sealed class PerRow<T>(DataViewRow row, Func<T> compute)
{
    private bool _computed;
    private long _position;
    private T _value = default!;

    public T Value
    {
        get
        {
            if (!_computed || row.Position != _position)
            {
                _value = compute();
                (_computed, _position) = (true, row.Position);
            }
            return _value;
        }
    }
}
