using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The query of one row.</summary>
/// <param name="Image">The image, a copy.</param>
/// <param name="Text">The query as it stands in the row.</param>
internal sealed record RowQuery(RgbImage Image, string Text)
{
    /// <summary>The query of whatever row the input is at; a row that is none is an error that names it.</summary>
    /// <param name="checkQuery">The policy's own (<see cref="IVisionLanguagePolicy.CheckQuery"/>).</param>
    public static Func<RowQuery> CreateReader(DataViewRow row, DataViewSchema.Column image, DataViewSchema.Column query, Func<string, string?> checkQuery)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(row, image);
        Func<ReadOnlyMemory<char>> textOf = RowValues.Value<ReadOnlyMemory<char>>(row, query);
        return () => Of(imageOf(), textOf().ToString(), checkQuery, query.Name, $"Row {row.Position}");
    }

    public static RowQuery Of(MLImage image, string text, Func<string, string?> checkQuery, string queryColumn, string row)
    {
        if (checkQuery(text) is { } problem)
            throw new InvalidOperationException($"{row}, column '{queryColumn}': {problem}");
        return new RowQuery(RgbImage.FromMLImage(image), text);
    }

    /// <summary>
    /// An id made of what the row holds. Random draws that depend on it are the same wherever in the data the row stands,
    /// and in a prediction engine too.
    /// </summary>
    public long ContentId()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Image.Pixels);
        hash.AppendData(MemoryMarshal.AsBytes(Text.AsSpan()));
        return BinaryPrimitives.ReadInt64LittleEndian(hash.GetHashAndReset());
    }
}
