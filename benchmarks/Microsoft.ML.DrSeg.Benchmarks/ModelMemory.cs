using System.Globalization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Memory of one loaded model: what the process's resident memory grows by for each of many copies of the base model.</summary>
internal static class ModelMemory
{
    private const int Copies = 40;

    public static int Run()
    {
        DrSegModel.LoadBase().Dispose();
        long before = Resident(), first = LoadAndDispose(), second = LoadAndDispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(first - before) / 1e6 / Copies:0.0} MB a model over {Copies} models; after disposing them, as many again: {(second - first) / 1e6:+0.0;-0.0} MB."));
        return 0;
    }

    // What disposed models held the process keeps and gives to the next ones.
    private static long LoadAndDispose()
    {
        DrSegModel[] models = [.. Enumerable.Range(0, Copies).Select(_ => DrSegModel.LoadBase())];
        long loaded = Resident();
        foreach (DrSegModel model in models) model.Dispose();
        return loaded;
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
