using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Columns of vectors of numbers whose slots have names, as ML.NET's own tools show them.</summary>
internal static class NumberColumns
{
    public static DataViewSchema.DetachedColumn Box(string name) => Named(name, "X0", "Y0", "X1", "Y1");

    public static DataViewSchema.DetachedColumn Point(string name) => Named(name, "X", "Y");

    /// <summary>One number a slot.</summary>
    public static DataViewSchema.DetachedColumn Named(string name, params string[] slots)
    {
        ReadOnlyMemory<char>[] names = [.. slots.Select(slot => slot.AsMemory())];
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, names.Length), (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var editor = VBufferEditor.Create(ref value, names.Length);
            names.CopyTo(editor.Values);
            value = editor.Commit();
        });
        return new(name, new VectorDataViewType(NumberDataViewType.Single, names.Length), annotations.ToAnnotations());
    }
}
