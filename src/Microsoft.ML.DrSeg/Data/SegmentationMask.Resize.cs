namespace Microsoft.ML.DrSeg.Data;

public sealed partial class SegmentationMask
{
    /// <summary>The mask of the image at another size: every pixel is inside where the old pixel under its centre is.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public SegmentationMask Resize(int width, int height)
    {
        int size = CheckedSize(width, height);
        if (width == Width && height == Height)
            return this;
        var runs = new RunBuilder(_ends.Length);
        ILookup<int, ColumnRun> columns = ColumnRuns().ToLookup(run => run.Column);
        for (int x = 0; x < width; x++)
            foreach (ColumnRun run in columns[(int)((2L * x + 1) * Width / (2L * width))])
                if (Place(run.Start) is var start && Place(run.End) is var end && start < end)
                    runs.Add(x * height + start, x * height + end);
        return new(width, height, runs.Build(size));

        // The first new row whose centre is not above an old row's upper border: (y + 1/2) Height / height >= border.
        int Place(int border) => (int)((2L * border * height - Height + 2L * Height - 1) / (2L * Height));
    }
}
