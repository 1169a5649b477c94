using System.Globalization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Memory of one loaded model: what the process's resident memory grows by for each of many copies of the base model.</summary>
internal static class ModelMemory
{
    private const int Copies = 40;

    public static int Run()
    {
        var models = new List<DrSegModel> { DrSegModel.LoadBase() };
        long before = Resident();
        while (models.Count <= Copies) models.Add(DrSegModel.LoadBase());
        long loaded = Resident();
        foreach (DrSegModel model in models) model.Dispose();
        long disposed = Resident();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(loaded - before) / 1e6 / Copies:0.0} MB a model over {Copies} models; after disposing all of them {(disposed - before) / 1e6:+0.0;-0.0} MB against before."));
        return 0;
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        const string Field = "VmRSS:";
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(Field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Field.Length..^2].Trim(), CultureInfo.InvariantCulture);
    }
}
