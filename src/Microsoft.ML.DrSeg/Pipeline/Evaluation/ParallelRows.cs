using System.Runtime.ExceptionServices;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Sums up the rows of a view: read one after another, as a cursor allows, and measured on all processors, each with an
/// accumulator of its own. Which row meets which accumulator is left to chance, so sums must not depend on it.
/// </summary>
internal static class ParallelRows
{
    /// <param name="cursor">The rows; disposed of in the end.</param>
    /// <param name="batchSize">Rows held at a time.</param>
    /// <param name="createReader">Given the cursor, what moves it on and fills a slot, or gives false at the end. Slots are used again.</param>
    public static TSum Sum<TRow, TSum>(
        DataViewRowCursor cursor, int batchSize, Func<DataViewRowCursor, Func<TRow, bool>> createReader,
        Func<TSum> create, Action<TSum, TRow> add, Action<TSum, TSum> merge)
        where TRow : class, new()
    {
        using (cursor)
        {
            var read = createReader(cursor);
            var batch = new TRow[batchSize];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = new();
            var sums = new TSum[Math.Min(Environment.ProcessorCount, batchSize)];
            for (var i = 0; i < sums.Length; i++)
                sums[i] = create();

            var any = false;
            for (var count = batchSize; count == batchSize;)
            {
                for (count = 0; count < batchSize && read(batch[count]); count++)
                {
                }
                any |= count > 0;
                Measure(batch.AsMemory(0, count), sums, add);
            }
            if (!any)
                throw new InvalidOperationException("There are no rows to evaluate: the data are empty. Check what loads or filters them.");
            foreach (var sum in sums.AsSpan(1))
                merge(sums[0], sum);
            return sums[0];
        }
    }

    public static Func<TRow, bool> OneByOne<TRow>(DataViewRowCursor cursor, Action<TRow> fill) => slot =>
    {
        if (!cursor.MoveNext())
            return false;
        fill(slot);
        return true;
    };

    // An error is that of the first bad row, whichever thread came upon one first.
    private static void Measure<TRow, TSum>(ReadOnlyMemory<TRow> rows, TSum[] sums, Action<TSum, TRow> add)
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
                    add(sums[worker], rows.Span[i]);
                }
                catch (Exception error) when (error is ArgumentException or InvalidOperationException)
                {
                    errors[i] = error;
                }
            }
        });
        if (Array.Find(errors, error => error is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
    }
}
