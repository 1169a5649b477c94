using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests.Datasets;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>What memory it takes to read a JSON file like LVIS's whole: written by one process, read by another.</summary>
internal static class PeakMemory
{
    // Of about LVIS v1's training set: 1.27 million annotations in 100,170 images, 1.1 GB.
    private const int Images = 100_000, AnnotationsPerImage = 13;

    public static int Run(string[] task)
    {
        switch (task)
        {
            case ["write", var path]:
                return Write(path, Images);
            case ["write", var path, var images]:
                return Write(path, int.Parse(images, CultureInfo.InvariantCulture));
            case ["read", var path]:
                return Read(path);
            default:
                Console.Error.WriteLine("Usage: lvis-like write FILE [IMAGES] | lvis-like read FILE");
                return 2;
        }
    }

    private static int Write(string path, int images)
    {
        Line($"{path}: {images} images, {images * AnnotationsPerImage} annotations, {LvisLikeFile.Write(path, images, AnnotationsPerImage)} bytes");
        return 0;
    }

    // Every row with its masks decoded, as training or evaluation reads them; there are no images to be opened.
    private static int Read(string path)
    {
        var clock = Stopwatch.StartNew();
        IDataView data = new MLContext().DrSeg().Data.LoadLvis(path, Path.GetDirectoryName(Path.GetFullPath(path))!, new() { IncludeAbsent = true });
        (long rows, long objects, long pixels) = (0, 0, 0);
        using (DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Mask"], data.Schema["Masks"]]))
        {
            ValueGetter<SegmentationMask> readMask = cursor.GetGetter<SegmentationMask>(data.Schema["Mask"]);
            ValueGetter<SegmentationMaskList> readMasks = cursor.GetGetter<SegmentationMaskList>(data.Schema["Masks"]);
            SegmentationMask mask = null!;
            SegmentationMaskList masks = null!;
            while (cursor.MoveNext())
            {
                readMask(ref mask);
                readMasks(ref masks);
                (rows, objects, pixels) = (rows + 1, objects + masks.Count, pixels + mask.Area);
            }
        }
        long size = new FileInfo(path).Length, peak = Process.GetCurrentProcess().PeakWorkingSet64;
        Line($"{size} bytes: {rows} rows, {objects} objects, {pixels} pixels in {clock.Elapsed.TotalSeconds:F0} s");
        Line($"peak memory {peak} bytes, {(double)peak / size:P1} of the file");
        return 0;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
