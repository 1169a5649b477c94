using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// An order of rows that come one after the other: every next one is drawn from a pool, and the row that comes then takes its
/// place. Each pass has an order of its own; one seed is one series of orders.
/// </summary>
/// <remarks>ML.NET's own <c>ShuffleRows</c> drops columns of images and masks.</remarks>
/// <param name="poolSize">Rows held in memory to draw from, at least 1.</param>
internal sealed class RowOrder(int seed, int poolSize)
{
    /// <summary>Brings rows into the order of a pass; reads no further ahead than the pool is large.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> rows, long pass)
    {
        var random = DeterministicRandom.Create(unchecked((ulong)seed), (ulong)pass);
        var pool = new List<T>();
        foreach (T row in rows)
        {
            if (pool.Count < poolSize)
            {
                pool.Add(row);
                continue;
            }
            int place = random.NextInt(poolSize);
            yield return pool[place];
            pool[place] = row;
        }
        while (pool.Count > 0)
        {
            int place = random.NextInt(pool.Count);
            yield return pool[place];
            pool[place] = pool[^1];
            pool.RemoveAt(pool.Count - 1);
        }
    }
}
