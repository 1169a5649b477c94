using Microsoft.ML.Transforms;

namespace Microsoft.ML.Data;

/// <summary>
/// What a view can hand out later than its source does: numbers, texts and vectors of these. Shuffling and caching leave
/// columns of images and of types of one's own out, as the official packages do.
/// </summary>
internal static class KeepableColumns
{
    public static IDataView Of(IDataView view)
    {
        string[] others = [.. view.Schema.Where(column => !IsKeepable(column.Type)).Select(column => column.Name).Distinct()];
        return others.Length == 0 ? view : ColumnSelectingTransformer.Drop(others).Transform(view);
    }

    public static bool IsKeepable(DataViewType type) => type is PrimitiveDataViewType or VectorDataViewType;
}
