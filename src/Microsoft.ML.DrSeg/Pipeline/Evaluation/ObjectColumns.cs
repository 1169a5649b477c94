using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Some objects of a row: a mask, a box, or both for each.</summary>
internal readonly record struct RowObjects(SegmentationMask?[] Masks, BoundingBox[]? Boxes)
{
    public int Count => Masks.Length;

    public BoundingBox? BoxOf(int index) => Boxes?[index];
}

/// <summary>The columns of masks and boxes that objects, true or predicted, are read from.</summary>
internal sealed class ObjectColumns
{
    private readonly DataViewSchema.Column? _masks, _boxes;
    private readonly bool _mayFail;

    /// <param name="maskColumn">One mask or a list of them; null for none.</param>
    /// <param name="boxColumn">Four numbers a box; null for none.</param>
    /// <param name="purpose">What the objects are, for messages: "true" or "predicted".</param>
    /// <param name="mayFail">Whether a row's only mask may be null, for an answer that failed.</param>
    public ObjectColumns(DataViewSchema schema, string? maskColumn, string? boxColumn, string purpose, bool mayFail)
    {
        if (maskColumn is null && boxColumn is null)
            throw new ArgumentException($"Neither a column of {purpose} masks nor one of {purpose} boxes is named; name at least one.", nameof(maskColumn));
        if (maskColumn is not null)
            _masks = schema.GetColumnOrNull(maskColumn)?.Type.RawType == typeof(SegmentationMask)
                ? schema[maskColumn]
                : InputColumn.Of<SegmentationMaskList>(maskColumn, $"the {purpose} masks").FindIn(schema);
        if (boxColumn is not null)
            _boxes = InputColumn.Of<VBuffer<float>>(boxColumn, $"the {purpose} boxes").FindIn(schema);
        _mayFail = mayFail;
    }

    public IEnumerable<DataViewSchema.Column> Columns => new[] { _masks, _boxes }.OfType<DataViewSchema.Column>();

    /// <summary>The column to name where one object, or their number, is wrong.</summary>
    public string Name => (_masks ?? _boxes)!.Value.Name;

    public Func<RowObjects> CreateReader(DataViewRow row)
    {
        var readMasks = _masks is { } masks ? CreateMaskReader(row, masks) : null;
        var readNumbers = _boxes is { } boxes ? RowValues.Vector<float>(row, boxes) : null;
        return () =>
        {
            var found = readMasks?.Invoke();
            var numbers = readNumbers?.Invoke();
            if (numbers is null)
                return new RowObjects(found!, null);
            // A mask column of one mask a row has a box for it even where there is no object.
            if (found is { Length: 0 } && numbers.Length == 4)
                return new RowObjects([], []);
            if (numbers.Length % 4 != 0 || (found is not null && numbers.Length != 4 * found.Length))
                throw new InvalidOperationException($"Row {row.Position}, column '{_boxes!.Value.Name}': there are {numbers.Length} numbers{(found is null ? "" : $" for {found.Length} objects")}; each box has four: x0, y0, x1, y1.");
            return new RowObjects(found ?? new SegmentationMask?[numbers.Length / 4], Boxes(numbers, row.Position));
        };
    }

    private BoundingBox[] Boxes(float[] numbers, long row)
    {
        var boxes = new BoundingBox[numbers.Length / 4];
        for (var i = 0; i < boxes.Length; i++)
        {
            boxes[i] = new(numbers[4 * i], numbers[4 * i + 1], numbers[4 * i + 2], numbers[4 * i + 3]);
            if (!numbers.AsSpan(4 * i, 4).ToArray().All(float.IsFinite))
                throw new InvalidOperationException($"Row {row}, column '{_boxes!.Value.Name}': box {i} is {boxes[i].X0}, {boxes[i].Y0}, {boxes[i].X1}, {boxes[i].Y1}; all four must be finite numbers.");
        }
        return boxes;
    }

    private Func<SegmentationMask?[]> CreateMaskReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(SegmentationMaskList))
        {
            Func<SegmentationMaskList?> readList = RowValues.Value<SegmentationMaskList?>(row, column);
            return () => readList() is { } list
                ? [.. list]
                : throw new InvalidOperationException($"Row {row.Position} has no list of masks in the column '{column.Name}'; give an empty one where there are none.");
        }
        Func<SegmentationMask?> read = _mayFail ? RowValues.Value<SegmentationMask?>(row, column) : RowValues.Mask(row, column);
        return () => read() is { Area: > 0 } mask ? [mask] : [];
    }
}
