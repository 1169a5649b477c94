using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The rows of a view as examples to learn from, read through a cursor and never held together. Only the columns that an
/// example is made of are asked for.
/// </summary>
internal sealed class ExampleRows : IExampleSource
{
    /// <summary>The column of true objects that a view may leave out: a mask is one object then. One of another name must be there.</summary>
    public const string UsualObjectsColumn = "Masks";
    private const string Empty = "There are no rows to learn from: the data are empty. Check what loads or filters them.";

    private readonly IDataView _data;
    private readonly DataViewSchema.Column _image, _query, _mask;
    private readonly DataViewSchema.Column? _objects;
    private readonly Func<string, string?> _checkQuery;

    /// <param name="checkQuery">Says what is wrong with a query; null where nothing is.</param>
    /// <param name="objectsColumn">The true objects, which together are the true mask. Null where a mask is one object, or none where it is empty; so it is without the usual column.</param>
    public ExampleRows(IDataView data, QueryOptions columns, Func<string, string?> checkQuery, string? objectsColumn = null)
    {
        (_data, _checkQuery) = (data, checkQuery);
        (_image, _query, _mask) = (columns.Image.FindIn(data.Schema), columns.Query.FindIn(data.Schema), columns.Label.FindIn(data.Schema));
        if (ReadsObjects(objectsColumn, name => data.Schema.GetColumnOrNull(name) is not null))
            _objects = Objects(objectsColumn).FindIn(data.Schema);
    }

    public static InputColumn Objects(string column) => InputColumn.Of<SegmentationMaskList>(column, "the true objects");

    /// <summary>Whether objects are read from a column, which then must hold them.</summary>
    public static bool ReadsObjects([NotNullWhen(true)] string? objectsColumn, Func<string, bool> isThere) =>
        objectsColumn is not null && (objectsColumn != UsualObjectsColumn || isThere(objectsColumn));

    public IEnumerable<SegmentationExample> Once()
    {
        bool any = false;
        foreach ((SegmentationExample? example, _, _) in Pass(default, order: null, skipBad: false))
        {
            any = true;
            yield return example!;
        }
        if (!any)
            throw new InvalidOperationException(Empty);
    }

    public IEnumerable<(SegmentationExample Example, DataPosition After)> Endless(
        DataPosition start = default, RowOrder? order = null, bool skipBad = false, Action<string>? skipped = null)
    {
        for (DataPosition position = start; ; position = position.NextPass())
        {
            bool any = position.Row > 0;
            foreach ((SegmentationExample? example, string? problem, DataPosition after) in Pass(position, order, skipBad))
            {
                position = after;
                if (example is null)
                {
                    skipped?.Invoke(problem!);
                    continue;
                }
                any = true;
                yield return (example, after);
            }
            if (!any)
                throw new InvalidOperationException(position.Row == 0
                    ? Empty
                    : $"There are no rows to learn from: none of the {position.Row} rows is well formed. Train without leaving bad rows out to see what is wrong with the first.");
        }
    }

    private IEnumerable<(SegmentationExample? Example, string? Problem, DataPosition After)> Pass(DataPosition position, RowOrder? order, bool skipBad)
    {
        // Rows that another reading has used are passed over undecoded; in an order of its own these are not the first ones.
        HashSet<long>? used = order is null || position.Row == 0 ? null : [.. order.Of(Numbers(), position.Pass).Take(checked((int)position.Row))];
        long before = position.Row, toPass = before;
        IEnumerable<(SegmentationExample? Example, string? Problem)?> read = Read(row => used?.Contains(row) ?? (order is null && row < before), skipBad);
        foreach ((SegmentationExample? Example, string? Problem)? row in order?.Of(read, position.Pass) ?? read)
        {
            if (toPass-- > 0) continue;
            (SegmentationExample? example, string? problem) = row!.Value;
            example = example is null ? null : example with { Id = position.Examples };
            position = position.After(isSkipped: example is null);
            yield return (example, problem, position);
        }
        if (toPass > 0)
            throw new InvalidOperationException($"The data have {Numbers().LongCount()} rows, but {before} were read before: they are not the data that the run began with. Resume with the same data.");
    }

    private IEnumerable<long> Numbers()
    {
        using DataViewRowCursor cursor = _data.GetRowCursor([]);
        for (long row = 0; cursor.MoveNext(); row++) yield return row;
    }

    // Every row as an example or as what is wrong with it; null for one that is passed over.
    private IEnumerable<(SegmentationExample? Example, string? Problem)?> Read(Func<long, bool> passesOver, bool skipBad)
    {
        using DataViewRowCursor cursor = _data.GetRowCursor([_image, _query, _mask, .. _objects is { } listed ? [listed] : Array.Empty<DataViewSchema.Column>()]);
        Func<RowQuery> read = RowQuery.CreateReader(cursor, _image, _query, _checkQuery);
        Func<SegmentationMask> maskOf = RowValues.Mask(cursor, _mask);
        Func<SegmentationMask, SegmentationMask[]?> readObjects = CreateObjectsReader(cursor);
        for (long row = 0; cursor.MoveNext(); row++) yield return passesOver(row) ? null : Example();

        (SegmentationExample? Example, string? Problem) Example()
        {
            try
            {
                RowQuery row = read();
                SegmentationMask truth = maskOf();
                if (truth.Width != row.Image.Width || truth.Height != row.Image.Height)
                    throw new InvalidOperationException(
                        $"Row {cursor.Position}: the mask in the column '{_mask.Name}' is {truth.Width} x {truth.Height} pixels, but the image in '{_image.Name}' is {row.Image.Width} x {row.Image.Height}. Resize both or neither.");
                var example = new SegmentationExample(row.Image, row.Text, truth, Id: 0);
                return (readObjects(truth) is { } found ? example with { Objects = found } : example, null);
            }
            catch (Exception error) when (skipBad && error is (InvalidOperationException or InvalidDataException or IOException or ArgumentException or FormatException))
            {
                return (null, error is InvalidOperationException ? error.Message : $"Row {cursor.Position}: {error.Message}");
            }
        }
    }

    // The objects of whatever row the cursor is at, given its true mask; null without a column of them.
    private Func<SegmentationMask, SegmentationMask[]?> CreateObjectsReader(DataViewRowCursor cursor)
    {
        if (_objects is not { } column) return _ => null;
        Func<SegmentationMask, SegmentationMask[]> read = ObjectMasksColumn.CreateReader(cursor, column, _mask.Name);
        return truth =>
        {
            SegmentationMask[] found = read(truth);
            var together = SegmentationMask.Union(found, truth.Width, truth.Height);
            return together.Equals(truth) ? found : throw ObjectMasksColumn.Problem(cursor, column,
                $"has {found.Length} objects of together {together.Area} pixels, {together.IntersectionArea(truth)} of them among the {truth.Area} of the mask in '{_mask.Name}'",
                "That mask must be all objects together: unite them, or leave out the objects that it leaves out.");
        };
    }
}
