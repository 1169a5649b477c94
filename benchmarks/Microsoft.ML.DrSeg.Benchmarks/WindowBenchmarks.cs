using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>The reference window of 2,048 values: 128 quantiles, and the merge of a step of 128 values.</summary>
[MemoryDiagnoser]
public class WindowBenchmarks
{
    private readonly double[][] _steps = new double[64][];
    private readonly ReferenceDistribution _window = new();
    private int _next;

    public WindowBenchmarks()
    {
        var random = new Random(1);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        for (int i = 0; i < _steps.Length; i++)
            _steps[i] = Draw(128);
        _window.Merge(Draw(_window.Capacity));
    }

    [Benchmark(OperationsPerInvoke = 128)]
    public double Query()
    {
        double sum = 0;
        foreach (double value in _steps[_next++ & 63])
            sum += _window.Quantile(value);
        return sum;
    }

    [Benchmark]
    public void Merge() => _window.Merge(_steps[_next++ & 63]);
}
