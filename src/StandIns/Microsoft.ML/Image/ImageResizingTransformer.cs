using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <inheritdoc cref="ImageResizingEstimator"/>
public sealed class ImageResizingTransformer : OneToOneTransformerBase
{
    private readonly ImageResizingEstimator.ResizingKind _resizing;
    private readonly ImageResizingEstimator.Anchor _anchor;

    internal ImageResizingTransformer(string outputColumn, int width, int height, string inputColumn, ImageResizingEstimator.ResizingKind resizing, ImageResizingEstimator.Anchor anchor)
        : base(outputColumn, inputColumn)
    {
        if (!Enum.IsDefined(resizing))
            throw new ArgumentOutOfRangeException(nameof(resizing), resizing, "Not a kind of resizing.");
        if (!Enum.IsDefined(anchor))
            throw new ArgumentOutOfRangeException(nameof(anchor), anchor, "Not an anchor.");
        OutputType = new ImageDataViewType(height, width);
        (_resizing, _anchor) = (resizing, anchor);
    }

    internal ImageDataViewType OutputType { get; }

    private protected override void Save(ModelWriter writer) =>
        writer.Kind(ModelKind.ResizeImages).Text(OutputColumn).Number(OutputType.Width).Number(OutputType.Height).Text(InputColumn).Number((long)_resizing).Number((long)_anchor);

    private protected override DataViewSchema.DetachedColumn MakeOutput(string name, DataViewSchema.Column input)
    {
        if (input.Type is not ImageDataViewType)
            throw SchemaErrors.Mismatch("input", input.Name, "image", input.Type.ToString());
        return new(name, OutputType);
    }

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<MLImage> getter = row.GetGetter<MLImage>(input);
        MLImage source = null;
        return new ValueGetter<MLImage>((ref MLImage value) =>
        {
            getter(ref source);
            value?.Dispose();
            value = source == null ? null : Resize(source);
        });
    }

    private MLImage Resize(MLImage source)
    {
        int width = OutputType.Width, height = OutputType.Height;
        (int left, int top, int drawnWidth, int drawnHeight) = Place(source.Width, source.Height);
        var pixels = new byte[width * height * 4];
        ImageScaler.Draw(source.ToBgra(), source.Width, source.Height, pixels, width, height, left, top, drawnWidth, drawnHeight);
        MLImage resized = MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
        resized.Tag = source.Tag;
        return resized;
    }

    // Where the scaled image comes to lie; a crop reaches beyond the edges.
    private (int Left, int Top, int Width, int Height) Place(int sourceWidth, int sourceHeight)
    {
        int width = OutputType.Width, height = OutputType.Height;
        if (_resizing == ImageResizingEstimator.ResizingKind.Fill)
            return (0, 0, width, height);

        // In single precision, with fractions cut off, as the official packages place it.
        float across = (float)width / sourceWidth, down = (float)height / sourceHeight;
        bool crop = _resizing == ImageResizingEstimator.ResizingKind.IsoCrop, byHeight = down < across != crop;
        float scale = byHeight ? down : across, spareWidth = width - sourceWidth * scale, spareHeight = height - sourceHeight * scale;
        int left = !byHeight ? 0 : crop && _anchor == ImageResizingEstimator.Anchor.Left ? 0
            : crop && _anchor == ImageResizingEstimator.Anchor.Right ? (int)spareWidth : (int)(spareWidth / 2);
        int top = byHeight ? 0 : crop && _anchor == ImageResizingEstimator.Anchor.Top ? 0
            : crop && _anchor == ImageResizingEstimator.Anchor.Bottom ? (int)spareHeight : (int)(spareHeight / 2);
        int drawnWidth = (int)(sourceWidth * scale), drawnHeight = (int)(sourceHeight * scale);
        return (left, top, drawnWidth, drawnHeight);
    }
}
