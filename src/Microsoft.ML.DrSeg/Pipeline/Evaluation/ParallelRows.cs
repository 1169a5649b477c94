using System.Runtime.ExceptionServices;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Sums up the rows of a view: read one after another, as a cursor allows, and measured on all processors, each with an
/// accumulator of its own. Which row meets which accumulator is left to chance, so sums must not depend on it.
/// </summary>
internal static class ParallelRows
{
    /// <param name="rows">As they are read.</param>
    /// <param name="batchSize">Rows held at a time; a row is not looked at any more when that many others have been read.</param>
    public static TSum Sum<TRow, TSum>(IEnumerable<TRow> rows, int batchSize, Func<TSum> create, Action<TSum, TRow> add, Action<TSum, TSum> merge)
    {
        TSum[] sums = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, batchSize)).Select(_ => create())];
        var any = false;
        foreach (TRow[] batch in rows.Chunk(batchSize))
        {
            any = true;
            Measure(batch, sums, add);
        }
        if (!any)
            throw new InvalidOperationException("There are no rows to evaluate: the data are empty. Check what loads or filters them.");
        foreach (var sum in sums.AsSpan(1))
            merge(sums[0], sum);
        return sums[0];
    }

    // An error is that of the first bad row, whichever thread came upon one first.
    private static void Measure<TRow, TSum>(TRow[] rows, TSum[] sums, Action<TSum, TRow> add)
    {
        var errors = new Exception?[rows.Length];
        var next = -1;
        Parallel.For(0, sums.Length, worker =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < rows.Length)
            {
                try
                {
                    add(sums[worker], rows[i]);
                }
                catch (Exception error) when (error is ArgumentException or InvalidOperationException or InvalidDataException or IOException)
                {
                    errors[i] = error;
                }
            }
        });
        if (Array.Find(errors, error => error is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
    }
}
