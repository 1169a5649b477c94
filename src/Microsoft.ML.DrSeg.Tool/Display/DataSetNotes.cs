using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Says in a line each how much of a data set was left out or passed over.</summary>
internal static class DataSetNotes
{
    public static void Print(SegmentationDataSet data)
    {
        if (data.Options.Skipped is { Count: > 0 } skipped)
            Console.WriteLine($"Damaged rows left out: {skipped.Count}; the first: {skipped.Problems[0]}");
        if (data.Notes.Count > 0)
            Console.WriteLine($"Passed over: {data.Notes.Count}; the first: {data.Notes.Problems[0]}");
    }
}
