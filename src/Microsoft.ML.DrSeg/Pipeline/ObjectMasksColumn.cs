using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Reads the objects of a row, one mask each.</summary>
internal static class ObjectMasksColumn
{
    /// <summary>
    /// The masks of whatever row the input is at, given one that they must be as large as; those without a pixel, which can
    /// neither be found nor missed, are left out. What is no such list is an error that names row and column.
    /// </summary>
    /// <param name="sizeColumn">The column of the mask that is given, for messages.</param>
    public static Func<SegmentationMask, SegmentationMask[]> CreateReader(DataViewRow row, DataViewSchema.Column column, string sizeColumn)
    {
        Func<SegmentationMaskList?> read = RowValues.Value<SegmentationMaskList?>(row, column);
        return whole =>
        {
            if (read() is not { } found)
                throw Problem(row, column, "holds no list of masks", "Give an empty list where there is no object, or leave the row out.");
            for (int i = 0; i < found.Count; i++)
            {
                if (found[i] is not { } one)
                    throw Problem(row, column, $"has no mask of object {i} (of some objects data sets know only a box)", "Leave the row out, or name no column of objects (ObjectsColumnName = null).");
                if (one.Width != whole.Width || one.Height != whole.Height)
                    throw Problem(row, column, $"has a mask of {one.Width} x {one.Height} pixels (object {i}), but the one in '{sizeColumn}' is {whole.Width} x {whole.Height}", "Resize both or neither.");
            }
            return [.. found.OfType<SegmentationMask>().Where(one => one.Area > 0)];
        };
    }

    public static InvalidOperationException Problem(DataViewRow row, DataViewSchema.Column column, string what, string remedy) =>
        new($"Row {row.Position}: the column '{column.Name}' {what}. {remedy}");
}
