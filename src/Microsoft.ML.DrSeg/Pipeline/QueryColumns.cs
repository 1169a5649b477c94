using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The image and query columns of a schema, and how their rows are read.</summary>
internal sealed class QueryColumns
{
    private const string ImagePurpose = "the image";
    private const string QueryPurpose = "the query";

    public QueryColumns(DataViewSchema schema, string imageColumn, string queryColumn)
    {
        Image = AddedColumns.Find<MLImage>(schema, imageColumn, ImagePurpose);
        Query = AddedColumns.Find<ReadOnlyMemory<char>>(schema, queryColumn, QueryPurpose);
    }

    public DataViewSchema.Column Image { get; }

    public DataViewSchema.Column Query { get; }

    public static void Demand(SchemaShape shape, string imageColumn, string queryColumn)
    {
        shape.Demand<MLImage>(imageColumn, ImagePurpose);
        shape.Demand<ReadOnlyMemory<char>>(queryColumn, QueryPurpose);
    }

    /// <summary>The query of whatever row the input is at; a row that is none is an error that names it.</summary>
    /// <param name="row">The input.</param>
    /// <param name="checkQuery">The policy's own (<see cref="IVisionLanguagePolicy.CheckQuery"/>).</param>
    public Func<RowQuery> CreateReader(DataViewRow row, Func<string, string?> checkQuery)
    {
        Func<MLImage> image = ImageColumn.CreateReader(row, Image);
        ValueGetter<ReadOnlyMemory<char>> queryGetter = row.GetGetter<ReadOnlyMemory<char>>(Query);
        ReadOnlyMemory<char> query = default;
        return () =>
        {
            MLImage asked = image();
            queryGetter(ref query);
            return RowQuery.Of(asked, query.ToString(), checkQuery, Query.Name, $"Row {row.Position}");
        };
    }
}

/// <summary>The query of one row.</summary>
/// <param name="Image">The image, a copy.</param>
internal sealed record RowQuery(RgbImage Image, string Text)
{
    /// <summary>The query of an image and a text; what is none is an error that names the row.</summary>
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
