using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Mpi;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>How long ranks take to add up a gradient, by its size; started by mpirun.</summary>
internal static class ExchangeCost
{
    private const int Repeats = 7;

    // The piece that training exchanges at once.
    private const int Piece = 1 << 24;

    // Millions of numbers. 29.9 and 40.4 are the adapters of a 3B and a 7B model (rank 16 on all linear layers of the language model).
    private static readonly double[] Sizes = [0.5, 2, 8, 29.9, 40.4, 120];

    public static int Run()
    {
        MpiProcessGroup.Run(group =>
        {
            if (group is null) throw new InvalidOperationException("Start it by mpirun -np N.");
            foreach (double millions in Sizes)
            {
                var values = new float[(int)(millions * 1e6)];
                double[] seconds = [.. Enumerable.Range(0, Repeats + 1).Select(_ =>
                {
                    // All begin together.
                    group.Gather([]);
                    long begin = Stopwatch.GetTimestamp();
                    for (int from = 0; from < values.Length; from += Piece) group.Sum(values.AsSpan(from, Math.Min(Piece, values.Length - from)));
                    return Stopwatch.GetElapsedTime(begin).TotalSeconds;
                }).Skip(1).Order()];
                if (group.Rank == 0)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Size} ranks, {millions,5:0.0} M numbers: {1000 * seconds[Repeats / 2],8:0.0} ms (fastest {1000 * seconds[0]:0.0}, slowest {1000 * seconds[^1]:0.0})"));
            }
        });
        return 0;
    }
}
