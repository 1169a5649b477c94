using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="OriginalPixelsTransformer"/> over one input schema.</summary>
internal sealed class OriginalPixelsColumns : AddedColumns
{
    private readonly OriginalPixelsEstimator.Options options;
    private readonly DataViewSchema.Column image, mask;
    private readonly DataViewSchema.Column[] boxes, points;

    public OriginalPixelsColumns(DataViewSchema schema, OriginalPixelsEstimator.Options options)
    {
        this.options = options;
        image = Find<MLImage>(schema, options.OriginalImageColumnName, OriginalPixelsEstimator.ImagePurpose);
        mask = Find<SegmentationMask>(schema, options.MaskColumnName, OriginalPixelsEstimator.MaskPurpose);
        boxes = [.. options.BoxColumnNames.Select(name => Find<VBuffer<float>>(schema, name, OriginalPixelsEstimator.BoxPurpose))];
        points = [.. options.PointColumnNames.Select(name => Find<VBuffer<float>>(schema, name, OriginalPixelsEstimator.PointPurpose))];
        Inputs = [image, mask, .. boxes, .. points];
        // Annotations stay: a model that a trainer hands on is still there for the steps that follow.
        Outputs = Added(options, mask.Annotations);
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public static DataViewSchema.DetachedColumn[] Added(OriginalPixelsEstimator.Options options, DataViewSchema.Annotations? ofMask = null) =>
    [
        new(options.MaskColumnName, SegmentationMaskDataViewType.Instance, ofMask),
        .. options.BoxColumnNames.Select(name => new DataViewSchema.DetachedColumn(name, new VectorDataViewType(NumberDataViewType.Single, 4))),
        .. options.PointColumnNames.Select(name => new DataViewSchema.DetachedColumn(name, new VectorDataViewType(NumberDataViewType.Single, 2))),
    ];

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        Func<Sizes> read = SizesReader(input);
        var row = new PerRow<Sizes>(input, read);
        return
        [
            (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = row.Value.Mask.Resample(row.Value.Width, row.Value.Height, row.Value.Placement)),
            .. boxes.Select(column => Vector(input, column, 4, values => Box(row.Value, values))),
            .. points.Select(column => Vector(input, column, 2, values => Point(row.Value, values))),
        ];
    }

    private sealed record Sizes(SegmentationMask Mask, int Width, int Height, ResizedPlacement Placement);

    private Func<Sizes> SizesReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, image);
        ValueGetter<SegmentationMask> maskGetter = input.GetGetter<SegmentationMask>(mask);
        SegmentationMask? resized = null;
        return () =>
        {
            MLImage original = imageOf();
            maskGetter(ref resized!);
            if (resized is null)
                throw new InvalidOperationException($"Row {input.Position} has no value in the column '{mask.Name}'. Leave such rows out.");
            return new Sizes(resized, original.Width, original.Height,
                ResizeImagesPlacement.Of(original.Width, original.Height, resized.Width, resized.Height, options.Resizing, options.CropAnchor));
        };
    }

    private static ValueGetter<VBuffer<float>> Vector(DataViewRow input, DataViewSchema.Column column, int length, Func<float[], float[]> map)
    {
        Func<float[]> values = Numbers(input, column, length);
        return VectorGetter(() => map(values()));
    }

    private static float[] Box(Sizes row, float[] values)
    {
        var box = new BoundingBox(values[0], values[1], values[2], values[3]);
        if (box.IsEmpty)
            return values;
        PixelPoint near = row.Placement.ToOriginal(new(box.X0, box.Y0), row.Width, row.Height), far = row.Placement.ToOriginal(new(box.X1, box.Y1), row.Width, row.Height);
        box = new BoundingBox(near.X, near.Y, far.X, far.Y).Clamp(row.Width, row.Height);
        return [box.X0, box.Y0, box.X1, box.Y1];
    }

    private static float[] Point(Sizes row, float[] values)
    {
        if (values is [0, 0])
            return values;
        PixelPoint point = row.Placement.ToOriginal(new(values[0], values[1]), row.Width, row.Height);
        return [Math.Clamp(point.X, 0, row.Width), Math.Clamp(point.Y, 0, row.Height)];
    }
}
