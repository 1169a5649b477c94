using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>What a process's memory peaks at when it answers many rows together, beyond what it had with the model and the rows loaded.</summary>
internal static class BatchMemory
{
    public static int Run(string[] task)
    {
        if (task is not ["greedy" or "look", var number] || !int.TryParse(number, CultureInfo.InvariantCulture, out int batch))
        {
            Console.Error.WriteLine("Usage: batch-memory greedy|look ROWS");
            return 2;
        }
        var context = new MLContext(1);
        using var model = DrSegModel.LoadBase();
        IDataView rows = context.Data.LoadFromEnumerable(PipelineRow.Many(batch));
        ITransformer step = task[0] == "greedy" ? PipelineBenchmarks.Answering(model, batch) : PipelineBenchmarks.Looking(context, model, batch, rows);
        long before = Peak();
        long area = PipelineBenchmarks.Area(step, rows);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task[0]}, {batch} rows together: {(Peak() - before) / 1e6:0} MB more ({area} pixels)"));
        return 0;
    }

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
