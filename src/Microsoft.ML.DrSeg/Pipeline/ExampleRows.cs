using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Policies;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The rows of a view as examples to learn from, read through a cursor and never held together. Only the three columns
/// that an example is made of are asked for.
/// </summary>
internal sealed class ExampleRows
{
    public const string MaskPurpose = "the true mask";

    private readonly IDataView data;
    private readonly QueryColumns query;
    private readonly DataViewSchema.Column mask;
    private readonly QueryVocabulary vocabulary;

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public ExampleRows(IDataView data, string imageColumn, string queryColumn, string maskColumn, QueryVocabulary vocabulary)
    {
        (this.data, this.vocabulary) = (data, vocabulary);
        query = new QueryColumns(data.Schema, imageColumn, queryColumn);
        mask = AddedColumns.Find<SegmentationMask>(data.Schema, maskColumn, MaskPurpose);
    }

    /// <summary>The rows once, numbered from 0.</summary>
    /// <exception cref="InvalidOperationException">There is no row, or one is not well formed; the message names it.</exception>
    public IEnumerable<SegmentationExample> Once() => Pass(0);

    /// <summary>The rows again and again; the numbers go on, so that random draws differ from pass to pass.</summary>
    /// <inheritdoc cref="Once"/>
    public IEnumerable<SegmentationExample> Endless()
    {
        for (long id = 0; ;)
            foreach (SegmentationExample example in Pass(id))
            {
                yield return example;
                id = example.Id + 1;
            }
    }

    private IEnumerable<SegmentationExample> Pass(long firstId)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([query.Image, query.Query, mask]);
        Func<RowQuery> read = query.CreateReader(cursor, vocabulary);
        ValueGetter<SegmentationMask> maskGetter = cursor.GetGetter<SegmentationMask>(mask);
        SegmentationMask? truth = null;
        long id = firstId;
        while (cursor.MoveNext())
        {
            RowQuery row = read();
            maskGetter(ref truth!);
            if (truth is null)
                throw new InvalidOperationException($"Row {cursor.Position} has no mask in the column '{mask.Name}'. Give an empty mask where the object is absent, or leave the row out.");
            if (truth.Width != row.Image.Width || truth.Height != row.Image.Height)
                throw new InvalidOperationException(
                    $"Row {cursor.Position}: the mask in the column '{mask.Name}' is {truth.Width} x {truth.Height} pixels, but the image in '{query.Image.Name}' is {row.Image.Width} x {row.Image.Height}. Resize both or neither.");
            yield return new SegmentationExample(row.Image, row.Text, truth, id++);
        }
        if (id == firstId)
            throw new InvalidOperationException("There are no rows to learn from: the data are empty. Check what loads or filters them.");
    }
}
