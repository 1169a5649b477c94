using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="OriginalPixelsTransformer"/> over one input schema.</summary>
internal sealed class OriginalPixelsColumns : AddedColumns
{
    private readonly OriginalPixelsEstimator.Options _options;
    private readonly DataViewSchema.Column _image, _mask;
    private readonly DataViewSchema.Column[] _boxes, _regions, _points;

    public OriginalPixelsColumns(DataViewSchema schema, OriginalPixelsEstimator.Options options)
    {
        _options = options;
        _image = Find<MLImage>(schema, options.OriginalImageColumnName, OriginalPixelsEstimator.ImagePurpose);
        _mask = Find<SegmentationMask>(schema, options.MaskColumnName, OriginalPixelsEstimator.MaskPurpose);
        OriginalPixelsEstimator.ConvertedNames names = options.In(name => schema.GetColumnOrNull(name) is not null);
        _boxes = [.. names.Boxes.Select(name => FindVector(schema, name, OriginalPixelsEstimator.BoxPurpose, 4))];
        _regions = [.. names.Regions.Select(name => FindVector(schema, name, OriginalPixelsEstimator.RegionPurpose, 4))];
        _points = [.. names.Points.Select(name => FindVector(schema, name, OriginalPixelsEstimator.PointPurpose, 2))];
        Inputs = [_image, _mask, .. _boxes, .. _regions, .. _points];
        Outputs = Added(options, names, ModelAnnotation.HandedOn(schema, options.MaskColumnName));
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>The mask, which hands on the model that drew it, boxes, regions and points, in this order.</summary>
    public static DataViewSchema.DetachedColumn[] Added(
        OriginalPixelsEstimator.Options options, OriginalPixelsEstimator.ConvertedNames names, DataViewSchema.Annotations? model) =>
    [
        new(options.MaskColumnName, SegmentationMaskDataViewType.Instance, model),
        .. names.Boxes.Concat(names.Regions).Select(NumberColumns.Box),
        .. names.Points.Select(NumberColumns.Point),
    ];

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        Func<Sizes> read = SizesReader(input);
        var row = new PerRow<Sizes>(input, read);
        return
        [
            (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = row.Value.Mask.Resample(row.Value.Width, row.Value.Height, row.Value.Placement)),
            .. _boxes.Select(column => Vector(input, column, 4, values => Box(row.Value, values, cut: true))),
            .. _regions.Select(column => Vector(input, column, 4, values => Box(row.Value, values, cut: false))),
            .. _points.Select(column => Vector(input, column, 2, values => Point(row.Value, values))),
        ];
    }

    private sealed record Sizes(SegmentationMask Mask, int Width, int Height, ResizedPlacement Placement);

    private Func<Sizes> SizesReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, _image);
        ValueGetter<SegmentationMask> maskGetter = input.GetGetter<SegmentationMask>(_mask);
        SegmentationMask? resized = null;
        return () =>
        {
            MLImage original = imageOf();
            maskGetter(ref resized!);
            if (resized is null)
                throw new InvalidOperationException($"Row {input.Position} has no value in the column '{_mask.Name}'. Leave such rows out.");
            return new Sizes(resized, original.Width, original.Height,
                ResizeImagesPlacement.Of(original.Width, original.Height, resized.Width, resized.Height, _options.Resizing, _options.CropAnchor));
        };
    }

    private static ValueGetter<VBuffer<float>> Vector(DataViewRow input, DataViewSchema.Column column, int length, Func<float[], float[]> map)
    {
        Func<float[]> values = Numbers(input, column, length);
        return VectorGetter(() => map(values()));
    }

    private static float[] Box(Sizes row, float[] values, bool cut)
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

    private static float[] Point(Sizes row, float[] values)
    {
        if (values is [0, 0])
            return values;
        PixelPoint point = row.Placement.ToOriginal(new(values[0], values[1]), row.Width, row.Height);
        return [Math.Clamp(point.X, 0, row.Width), Math.Clamp(point.Y, 0, row.Height)];
    }
}
