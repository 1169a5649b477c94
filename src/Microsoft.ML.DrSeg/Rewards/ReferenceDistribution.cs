namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// A first-in-first-out window of the values a reward component took lately, and the quantile of a new value in it:
/// <c>q(x) = (count(s &lt; x) + count(s = x) / 2) / M</c>, the mid-rank form of the Dr. Seg paper's quantile
/// (arXiv 2603.00152; the paper counts <c>s &lt;= x</c>, which would rank a window of equal values 1).
/// </summary>
/// <remarks>
/// Values are merged once a step. Every merge puts a new sorted snapshot in place, so any number of threads may ask for
/// quantiles while one thread merges. The window starts empty: no made-up value ever enters it.
/// </remarks>
public sealed class ReferenceDistribution
{
    private readonly double[] _ring;
    private int _oldest;
    private volatile double[] _sorted = [];

    /// <summary>Makes an empty window.</summary>
    /// <param name="capacity">How many values the window holds at most; the paper uses 2,048.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not positive.</exception>
    public ReferenceDistribution(int capacity = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _ring = new double[capacity];
    }

    /// <summary>How many values the window holds at most.</summary>
    public int Capacity => _ring.Length;

    /// <summary>How many values the window holds now.</summary>
    public int Count => _sorted.Length;

    /// <summary>
    /// Adds values in the order given and drops the oldest beyond the capacity.
    /// O(M + k log k) for k values into a window of M.
    /// </summary>
    /// <exception cref="ArgumentException">A value is NaN or infinite; the window is left as it was.</exception>
    public void Merge(ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Value {i} is {values[i]}; only finite numbers can be ranked. Mark the answer as failed instead.", nameof(values));
        }
        if (values.Length > Capacity)
            values = values[^Capacity..];

        var before = _sorted;
        var departing = new double[Math.Max(0, before.Length + values.Length - Capacity)];
        for (var i = 0; i < departing.Length; i++)
            departing[i] = _ring[(_oldest + i) % Capacity];
        var arriving = values.ToArray();

        var end = _oldest + before.Length;
        for (var i = 0; i < values.Length; i++)
            _ring[(int)((end + (long)i) % Capacity)] = values[i];
        _oldest = (_oldest + departing.Length) % Capacity;

        Array.Sort(departing);
        Array.Sort(arriving);
        _sorted = Replace(before, departing, arriving);
    }

    /// <summary>The mid-rank quantile of a value among the values of the window, in [0, 1].</summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    /// <exception cref="InvalidOperationException">The window is empty.</exception>
    public double Quantile(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentException($"The value is {value}; only finite numbers can be ranked.", nameof(value));
        var window = _sorted;
        if (window.Length == 0)
            throw new InvalidOperationException("The reference distribution is empty; merge values before asking for a quantile.");
        var below = CountBelow(window, value, orEqual: false);
        var notAbove = CountBelow(window, value, orEqual: true);
        return ((double)below + notAbove) / (2.0 * window.Length);
    }

    /// <summary>
    /// The values from oldest to newest: the whole state. Merged into an empty window of the same capacity they
    /// give back this one exactly.
    /// </summary>
    public double[] ToArray()
    {
        var values = new double[Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = _ring[(_oldest + i) % Capacity];
        return values;
    }

    /// <summary>One pass over three sorted lists: the old values less the departing ones, plus the arriving ones.</summary>
    private static double[] Replace(double[] before, double[] departing, double[] arriving)
    {
        var after = new double[before.Length - departing.Length + arriving.Length];
        int gone = 0, come = 0, written = 0;
        foreach (var value in before)
        {
            if (gone < departing.Length && departing[gone] == value)
            {
                gone++;
                continue;
            }
            while (come < arriving.Length && arriving[come] <= value)
                after[written++] = arriving[come++];
            after[written++] = value;
        }
        arriving.AsSpan(come).CopyTo(after.AsSpan(written));
        return after;
    }

    private static int CountBelow(double[] window, double value, bool orEqual)
    {
        int low = 0, high = window.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (window[middle] < value || (orEqual && window[middle] == value))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
