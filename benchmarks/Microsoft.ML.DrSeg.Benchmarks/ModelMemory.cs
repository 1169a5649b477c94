using System.Globalization;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Memory of one loaded model: what the process's resident memory grows by for each of many copies of the base model.</summary>
internal static class ModelMemory
{
    private const int Copies = 40;

    public static int Run()
    {
        DrSegModel.LoadBase().Dispose();
        long before = ResidentMemory.Bytes(), first = LoadAndDispose(), second = LoadAndDispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(first - before) / 1e6 / Copies:0.0} MB a model over {Copies} models; after disposing them, as many again: {(second - first) / 1e6:+0.0;-0.0} MB."));
        return 0;
    }

    // What disposed models held the process keeps and gives to the next ones.
    private static long LoadAndDispose()
    {
        DrSegModel[] models = [.. Enumerable.Range(0, Copies).Select(_ => DrSegModel.LoadBase())];
        long loaded = ResidentMemory.Bytes();
        foreach (DrSegModel model in models) model.Dispose();
        return loaded;
    }
}
