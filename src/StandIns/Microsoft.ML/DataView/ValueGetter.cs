namespace Microsoft.ML;

/// <summary>Writes the current row's value of a column. The buffers of the old value may be used again.</summary>
public delegate void ValueGetter<TValue>(ref TValue value);
