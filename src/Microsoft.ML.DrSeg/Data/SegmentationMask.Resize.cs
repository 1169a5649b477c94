namespace Microsoft.ML.DrSeg.Data;

public sealed partial class SegmentationMask
{
    /// <summary>The mask of the image at another size: every pixel is inside where the old pixel under its centre is.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public SegmentationMask Resize(int width, int height) => Resample(width, height, new ResizedPlacement(0, 0, Width, Height));

    /// <summary>The mask of the image that this mask's image shows resized: every pixel is inside where the pixel under its centre is; those beyond the border are outside.</summary>
    /// <param name="width">Pixels in a row of that image.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="placement">Where in this mask's image that image is drawn, in pixels.</param>
    internal SegmentationMask Resample(int width, int height, ResizedPlacement placement)
    {
        int size = CheckedSize(width, height);
        if (width == Width && height == Height && placement == new ResizedPlacement(0, 0, Width, Height))
            return this;
        if (placement.Width == 0 || placement.Height == 0)
            return Empty(width, height);
        var runs = new RunBuilder(_ends.Length);
        ILookup<int, ColumnRun> columns = ColumnRuns().ToLookup(run => run.Column);
        for (int x = 0; x < width; x++)
            foreach (ColumnRun run in columns[placement.Left + (int)((2L * x + 1) * placement.Width / (2L * width))])
                if (Place(run.Start) is var start && Place(run.End) is var end && start < end)
                    runs.Add(x * height + start, x * height + end);
        return new(width, height, runs.Build(size));

        // The first new row whose centre is not above an old row's upper border: Top + (y + 1/2) drawn / height >= border.
        int Place(int border)
        {
            long twice = 2L * (border - placement.Top) * height - placement.Height;
            return (int)Math.Clamp(twice <= 0 ? 0 : (twice + 2L * placement.Height - 1) / (2L * placement.Height), 0, height);
        }
    }
}
