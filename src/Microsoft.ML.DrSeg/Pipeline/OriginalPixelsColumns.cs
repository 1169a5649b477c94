using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="OriginalPixelsTransformer"/> over one input schema.</summary>
internal sealed class OriginalPixelsColumns : AnswerColumns<OriginalPixelsColumns.Resized, OriginalPixelsColumns.Resized>
{
    private readonly OriginalPixelsEstimator.Options _options;
    private readonly ConvertedColumn[] _converted;

    public OriginalPixelsColumns(DataViewSchema schema, OriginalPixelsEstimator.Options options)
        : this(schema, options, options.Converted(name => schema.GetColumnOrNull(name) is not null))
    {
    }

    private OriginalPixelsColumns(DataViewSchema schema, OriginalPixelsEstimator.Options options, ConvertedColumn[] converted)
        : base(schema, [.. options.Inputs(converted).Select(input => input.FindIn(schema))], Added(options, converted, ModelAnnotation.HandedOn(schema, options.MaskColumnName))) =>
        (_options, _converted) = (options, converted);

    /// <summary>What a row has.</summary>
    /// <param name="Numbers">Read the row's boxes, regions and points.</param>
    internal sealed record Resized(SegmentationMask Mask, int Width, int Height, ResizedPlacement Placement, Func<float[]>[] Numbers);

    /// <summary>The mask, which hands on the model that drew it, boxes, regions and points, in this order.</summary>
    public static RowColumn<Resized>[] Added(OriginalPixelsEstimator.Options options, ConvertedColumn[] converted, DataViewSchema.Annotations? model) =>
    [
        RowColumn<Resized>.OfMask(options.MaskColumnName, model, row => row.Mask.Resample(row.Width, row.Height, row.Placement)),
        .. converted.Select((column, i) => column.Kind == ConvertedKind.Point
            ? RowColumn<Resized>.OfPoint(column.Input.Name, row => Point(row, row.Numbers[i]()))
            : RowColumn<Resized>.OfBox(column.Input.Name, row => Box(row, row.Numbers[i](), cut: column.Kind == ConvertedKind.Box))),
    ];

    public override Func<Resized> CreateReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, Inputs[0]);
        Func<SegmentationMask?> maskOf = RowValues.Value<SegmentationMask?>(input, Inputs[1]);
        Func<float[]>[] numbers = [.. _converted.Select((column, i) => RowValues.Numbers(input, Inputs[2 + i], column.Input.Size!.Value))];
        return () =>
        {
            MLImage original = imageOf();
            SegmentationMask resized = maskOf() ?? throw new InvalidOperationException($"Row {input.Position} has no value in the column '{Inputs[1].Name}'. Leave such rows out.");
            return new Resized(resized, original.Width, original.Height,
                ResizeImagesPlacement.Of(original.Width, original.Height, resized.Width, resized.Height, _options.Resizing, _options.CropAnchor), numbers);
        };
    }

    protected override Resized[] Answer(IReadOnlyList<Resized> questions) => [.. questions];

    private static float[] Box(Resized row, float[] values, bool cut)
    {
        var box = new BoundingBox(values[0], values[1], values[2], values[3]);
        if (box.IsEmpty)
            return values;
        PixelPoint near = row.Placement.ToOriginal(new(box.X0, box.Y0), row.Width, row.Height), far = row.Placement.ToOriginal(new(box.X1, box.Y1), row.Width, row.Height);
        box = new BoundingBox(near.X, near.Y, far.X, far.Y);
        if (cut)
            box = box.Clamp(row.Width, row.Height);
        return [box.X0, box.Y0, box.X1, box.Y1];
    }

    private static float[] Point(Resized row, float[] values)
    {
        if (values is [0, 0])
            return values;
        PixelPoint point = row.Placement.ToOriginal(new(values[0], values[1]), row.Width, row.Height);
        return [Math.Clamp(point.X, 0, row.Width), Math.Clamp(point.Y, 0, row.Height)];
    }
}
