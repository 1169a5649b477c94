using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// A first-in-first-out window of the values a reward component took lately, and the quantile of a new value in it:
/// <c>q(x) = (count(s &lt; x) + count(s = x) / 2) / M</c>, the mid-rank form of the Dr. Seg paper's quantile
/// (arXiv 2603.00152; the paper counts <c>s &lt;= x</c>, which would rank a window of equal values 1).
/// </summary>
/// <remarks>
/// <para>The window starts empty: no made-up value ever enters it. Any number of threads may ask for quantiles at the same
/// time, but none while values are merged.</para>
/// <para>The values are kept twice: by age, to know which to drop, and sorted, to count those below a value by binary search.
/// A full window allocates nothing for steps of up to 256 values.</para>
/// </remarks>
internal sealed class ReferenceDistribution
{
    // So many values of a step are sorted on the stack, more than that in an array.
    private const int MostOnStack = 256;

    // Both grow with the values that come: a capacity may be read from a file, and is not to be trusted with memory.
    private readonly Queue<double> _byAge = new();
    private readonly List<double> _sorted = [];

    /// <param name="capacity">How many values the window holds at most; the paper uses 2,048.</param>
    public ReferenceDistribution(int capacity = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
    }

    /// <summary>How many values the window holds at most.</summary>
    public int Capacity { get; }

    public int Count => _byAge.Count;

    /// <summary>
    /// Adds values in the order given and drops the oldest beyond the capacity: O(M + k log k) for k values into a window of M.
    /// </summary>
    public void Merge(ReadOnlySpan<double> values)
    {
        CheckFinite(values);
        if (values.Length > Capacity)
            values = values[^Capacity..];
        RemoveOldest((int)Math.Max(0, (long)Count + values.Length - Capacity));
        Add(values);
    }

    /// <summary>The mid-rank quantile of a value among the values of the window, in [0, 1].</summary>
    public double Quantile(double value)
    {
        double quantile = 0;
        Quantiles(new(in value), new(ref quantile));
        return quantile;
    }

    /// <param name="quantiles">Receives the quantiles, in [0, 1]; may be the values' own memory.</param>
    public void Quantiles(ReadOnlySpan<double> values, Span<double> quantiles)
    {
        if (quantiles.Length != values.Length)
            throw new ArgumentException($"There is room for {quantiles.Length} quantiles, but {values.Length} values.", nameof(quantiles));
        CheckFinite(values);
        if (Count == 0)
            throw new InvalidOperationException("The reference distribution is empty; merge values before asking for a quantile.");
        ReadOnlySpan<double> sorted = CollectionsMarshal.AsSpan(_sorted);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            var below = CountBelow(sorted, value);
            // Most values are not in the window; only those that are need a second search.
            var isThere = below < sorted.Length && sorted[below] == value;
            var equal = isThere ? CountBelow(sorted, Math.BitIncrement(value)) - below : 0;
            quantiles[i] = (below + equal / 2.0) / sorted.Length;
        }
    }

    /// <summary>
    /// The values from oldest to newest: the whole state. Merged into an empty window of the same capacity they
    /// give back this one exactly.
    /// </summary>
    public double[] ToArray() => _byAge.ToArray();

    private static void CheckFinite(ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Value {i} is {values[i]}; only finite numbers can be ranked. Mark the answer as failed instead.", nameof(values));
        }
    }

    // Not MemoryExtensions.BinarySearch, which finds any one of several equal values.
    private static int CountBelow(ReadOnlySpan<double> sorted, double value)
    {
        var (from, to) = (0, sorted.Length);
        while (from < to)
        {
            var middle = from + (to - from) / 2;
            if (sorted[middle] < value)
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }

    private void RemoveOldest(int count)
    {
        var leaving = count <= MostOnStack ? stackalloc double[count] : new double[count];
        foreach (ref var value in leaving)
            value = _byAge.Dequeue();
        leaving.Sort();

        // Both are sorted, so one walk meets every value that leaves; those that stay move up.
        var sorted = CollectionsMarshal.AsSpan(_sorted);
        var (left, stayed) = (0, 0);
        foreach (var value in sorted)
        {
            if (left < leaving.Length && value == leaving[left])
                left++;
            else
                sorted[stayed++] = value;
        }
        CollectionsMarshal.SetCount(_sorted, stayed);
    }

    private void Add(ReadOnlySpan<double> values)
    {
        var arriving = values.Length <= MostOnStack ? stackalloc double[values.Length] : new double[values.Length];
        values.CopyTo(arriving);
        arriving.Sort();
        foreach (var value in values)
            _byAge.Enqueue(value);

        // From the largest down into the room made at the end, so that no value is overwritten before it has moved.
        var present = _sorted.Count;
        CollectionsMarshal.SetCount(_sorted, present + arriving.Length);
        var sorted = CollectionsMarshal.AsSpan(_sorted);
        for (var arrived = arriving.Length; arrived > 0;)
        {
            var largest = present > 0 && sorted[present - 1] > arriving[arrived - 1] ? sorted[--present] : arriving[--arrived];
            sorted[present + arrived] = largest;
        }
    }
}
