namespace Microsoft.ML.DrSeg.Data;

// To and from PNG files.
public sealed partial class SegmentationMask
{
    /// <summary>Reads a PNG: every pixel that is not black (or place 0 of a palette) is inside; alpha is passed over.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no PNG, damaged, interlaced, or has colours of 16 bits.</exception>
    public static SegmentationMask LoadPng(string path)
    {
        LabelMap map = LabelMap.LoadPng(path);
        // The complement of the black pixels: a change of sides at the first pixel more.
        return FromRunEnds([0, .. map.MaskOf(0)._ends], map.Width, map.Height);
    }

    /// <summary>Writes a PNG of one bit a pixel: white inside, black outside.</summary>
    public void SavePng(string path) => File.WriteAllBytes(path, ToPng());

    /// <summary>The mask as the bytes of a PNG file of one bit a pixel: white inside, black outside.</summary>
    public byte[] ToPng()
    {
        int stride = PngFormat.Grey1.Stride(Width);
        byte[] rows = new byte[stride * Height];
        foreach (ColumnRun run in ColumnRuns())
            for (int y = run.Start; y < run.End; y++)
                rows[y * stride + run.Column / 8] |= (byte)(0x80 >> run.Column % 8);
        return PngLabelEncoder.Encode(rows, Width, Height, PngFormat.Grey1);
    }

    /// <summary>The mask whose runs end at ascending places; places that repeat cancel, and the last run may be left out.</summary>
    internal static SegmentationMask FromRunEnds(IReadOnlyCollection<int> ends, int width, int height)
    {
        int size = CheckedSize(width, height);
        var runs = new RunBuilder(ends.Count);
        foreach (int at in ends)
            if (at < size)
                runs.Toggle(at);
        return new(width, height, runs.Build(size));
    }

    /// <summary>Writes a value to the pixels inside.</summary>
    /// <param name="rowMajor">Row by row from the top; Width x Height values.</param>
    /// <param name="value">What to write.</param>
    internal void Paint<T>(Span<T> rowMajor, T value)
    {
        foreach (ColumnRun run in ColumnRuns())
            for (int y = run.Start, at = run.Start * Width + run.Column; y < run.End; y++, at += Width)
                rowMajor[at] = value;
    }
}
