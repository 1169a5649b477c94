using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Assignment of square cost matrices: without structure, full of ties, and as boxes give them.</summary>
[MemoryDiagnoser]
public class MatchingBenchmarks
{
    private readonly LinearAssignment _assignment = new();
    private double[][] _costs = [];
    private int[] _columns = [];
    private int _next;

    [Params(5, 20, 120)]
    public int Objects;

    [Params("random", "tied", "structured")]
    public string Costs = "";

    [GlobalSetup]
    public void Prepare()
    {
        _columns = new int[Objects];
        // Several matrices in turn: one alone would be learnt by the branch predictor.
        _costs = [.. Enumerable.Range(1, 16).Select(seed => CostMatrix.Draw(Costs, Objects, seed))];
    }

    [Benchmark]
    public double Solve() => _assignment.Solve(_costs[_next++ & 15], Objects, Objects, _columns);
}

/// <summary>The cost matrices that are solved here and by the peer in Python, from one simple generator that both have.</summary>
internal static class CostMatrix
{
    public static double[] Draw(string kind, int size, int seed)
    {
        ulong state = (ulong)seed;
        double Next()
        {
            state = unchecked(state * 6364136223846793005UL + 1442695040888963407UL);
            return (state >> 11) / (double)(1UL << 53);
        }
        if (kind == "random")
            return [.. Enumerable.Range(0, size * size).Select(_ => Next())];
        if (kind == "tied")
            return [.. Enumerable.Range(0, size * size).Select(_ => Math.Floor(4 * Next()))];
        // Points on a square against themselves moved a little: what a good answer to many objects costs.
        double[] x = [.. Enumerable.Range(0, size).Select(_ => Next())], y = [.. Enumerable.Range(0, size).Select(_ => Next())];
        double[] u = [.. x.Select(value => value + .1 * Next())], v = [.. y.Select(value => value + .1 * Next())];
        return [.. Enumerable.Range(0, size * size).Select(k => Math.Sqrt(Math.Pow(x[k / size] - u[k % size], 2) + Math.Pow(y[k / size] - v[k % size], 2)))];
    }
}
