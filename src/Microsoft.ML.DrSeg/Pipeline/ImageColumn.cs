using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>How columns of images are read: a row without an image is an error that names it.</summary>
internal static class ImageColumn
{
    /// <summary>The image of whatever row the input is at. It stays the input's, and ends when the next one is read.</summary>
    public static Func<MLImage> CreateReader(DataViewRow row, DataViewSchema.Column column)
    {
        Func<MLImage?> read = RowValues.Value<MLImage?>(row, column);
        return () => Required(read(), $"Row {row.Position}", column.Name);
    }

    public static MLImage Required(MLImage? image, string row, string column) => IsThere(image)
        ? image
        : throw new InvalidOperationException($"{row} has no image in the column '{column}': its value is null or its file name empty. Leave such rows out.");

    // Where there is no path, ML.NET's LoadImages hands on the last row's image, which it has disposed.
    private static bool IsThere([NotNullWhen(true)] MLImage? image)
    {
        try
        {
            return image is { Width: > 0 };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
