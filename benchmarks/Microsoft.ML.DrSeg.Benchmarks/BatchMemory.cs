using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;

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
        using DrSegModel model = DrSegModel.LoadBase();
        IDataView rows = context.Data.LoadFromEnumerable(Enumerable.Range(0, batch).Select(seed => new PipelineRow { Image = PipelineRow.Noise(seed).ToMLImage() }).ToArray());
        ITransformer step = task[0] == "greedy"
            ? new GrpoSegmentationTransformer(model, new GrpoSegmentationTrainer.Options { PredictionBatchSize = batch })
            : context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = model, Threshold = model.Threshold, PredictionBatchSize = batch }).Fit(rows);
        long before = Peak();
        long area = step.Transform(rows).GetColumn<SegmentationMask>("PredictedMask").Sum(mask => mask.Area);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task[0]}, {batch} rows together: {(Peak() - before) / 1e6:0} MB more ({area} pixels)"));
        return 0;
    }

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
