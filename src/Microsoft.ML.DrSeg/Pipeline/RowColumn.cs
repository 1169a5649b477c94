using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A column as it stands in a schema, and how its values are read off what every row has, such as an answer.</summary>
/// <param name="CreateGetter">Makes a <see cref="ValueGetter{TValue}"/> of a function that gives what the current row has.</param>
internal sealed record RowColumn<TRow>(
    string Name, DataViewType Type, Func<Func<TRow>, Delegate> CreateGetter, DataViewSchema.Annotations? Annotations = null)
{
    public DataViewSchema.DetachedColumn Detached => new(Name, Type, Annotations);

    public static RowColumn<TRow> Of<TValue>(string name, DataViewType type, Func<TRow, TValue> read) =>
        new(name, type, current => (ValueGetter<TValue>)((ref TValue value) => value = read(current())));

    /// <summary>A column of masks that hands on the model which draws them.</summary>
    public static RowColumn<TRow> OfMask(string name, DataViewSchema.Annotations? model, Func<TRow, SegmentationMask> read) =>
        Of(name, SegmentationMaskDataViewType.Instance, read) with { Annotations = model };

    /// <summary>A column of images; the one handed over before is disposed, as ML.NET's own image columns do.</summary>
    public static RowColumn<TRow> OfImage(string name, DataViewType type, Func<TRow, MLImage> read) =>
        new(name, type, current => (ValueGetter<MLImage>)((ref MLImage value) =>
        {
            value?.Dispose();
            value = read(current());
        }));

    public static RowColumn<TRow> OfVector<TItem>(string name, VectorDataViewType type, Func<TRow, TItem[]> read) =>
        new(name, type, current => (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
        {
            TItem[] items = read(current());
            var editor = VBufferEditor.Create(ref value, items.Length);
            items.CopyTo(editor.Values);
            value = editor.Commit();
        }));

    /// <summary>A column of vectors of numbers whose slots have names, as ML.NET's own tools show them.</summary>
    public static RowColumn<TRow> OfNumbers(string name, string[] slots, Func<TRow, float[]> read)
    {
        ReadOnlyMemory<char>[] names = [.. slots.Select(slot => slot.AsMemory())];
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, names.Length), (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var editor = VBufferEditor.Create(ref value, names.Length);
            names.CopyTo(editor.Values);
            value = editor.Commit();
        });
        return OfVector(name, new(NumberDataViewType.Single, names.Length), read) with { Annotations = annotations.ToAnnotations() };
    }

    public static RowColumn<TRow> OfBox(string name, Func<TRow, float[]> read) => OfNumbers(name, ["X0", "Y0", "X1", "Y1"], read);

    public static RowColumn<TRow> OfPoint(string name, Func<TRow, float[]> read) => OfNumbers(name, ["X", "Y"], read);
}
