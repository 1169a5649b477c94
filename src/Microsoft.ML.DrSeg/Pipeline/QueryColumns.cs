using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Policies;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The image and query columns of a schema, and how their rows are read.</summary>
internal sealed class QueryColumns
{
    private const string ImagePurpose = "the image";
    private const string QueryPurpose = "the query";

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public QueryColumns(DataViewSchema schema, string imageColumn, string queryColumn)
    {
        Image = AddedColumns.Find<MLImage>(schema, imageColumn, ImagePurpose);
        Query = AddedColumns.Find<ReadOnlyMemory<char>>(schema, queryColumn, QueryPurpose);
    }

    public DataViewSchema.Column Image { get; }

    public DataViewSchema.Column Query { get; }

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public static void Demand(SchemaShape shape, string imageColumn, string queryColumn)
    {
        shape.Demand<MLImage>(imageColumn, ImagePurpose);
        shape.Demand<ReadOnlyMemory<char>>(queryColumn, QueryPurpose);
    }

    /// <summary>The query of whatever row the input is at; a row that is none is an error that names it.</summary>
    public Func<RowQuery> CreateReader(DataViewRow row, QueryVocabulary vocabulary)
    {
        Func<MLImage> image = ImageColumn.CreateReader(row, Image);
        ValueGetter<ReadOnlyMemory<char>> queryGetter = row.GetGetter<ReadOnlyMemory<char>>(Query);
        ReadOnlyMemory<char> query = default;
        return () =>
        {
            MLImage asked = image();
            queryGetter(ref query);
            return RowQuery.Of(asked, query.ToString(), vocabulary, Query.Name, $"Row {row.Position}");
        };
    }
}

/// <summary>The query of one row.</summary>
/// <param name="Image">The image, a copy.</param>
/// <param name="Text">The query as it stands in the row.</param>
/// <param name="Tokens">The query's token ids.</param>
internal sealed record RowQuery(RgbImage Image, string Text, int[] Tokens)
{
    /// <summary>The query of an image and a text; what is none is an error that names the row.</summary>
    /// <exception cref="InvalidOperationException">The text is no query.</exception>
    public static RowQuery Of(MLImage image, string text, QueryVocabulary vocabulary, string queryColumn, string row)
    {
        if (!vocabulary.TryEncode(text, out int[] tokens, out string? problem))
            throw new InvalidOperationException($"{row}, column '{queryColumn}': {problem}");
        return new RowQuery(RgbImage.FromMLImage(image), text, tokens);
    }

    /// <summary>
    /// An id made of what the row holds. Random draws that depend on it are the same wherever in the data the row stands,
    /// and in a prediction engine too.
    /// </summary>
    public long ContentId()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Image.Pixels);
        hash.AppendData(MemoryMarshal.AsBytes(Tokens.AsSpan()));
        return BinaryPrimitives.ReadInt64LittleEndian(hash.GetHashAndReset());
    }
}
