namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// A first-in-first-out window of the values a reward component took lately, and the quantile of a new value in it:
/// <c>q(x) = (count(s &lt; x) + count(s = x) / 2) / M</c>, the mid-rank form of the Dr. Seg paper's quantile
/// (arXiv 2603.00152; the paper counts <c>s &lt;= x</c>, which would rank a window of equal values 1).
/// </summary>
/// <remarks>
/// <para>The window starts empty: no made-up value ever enters it. Any number of threads may ask for quantiles while one
/// thread merges; every quantile is that of the window before or after a whole merge.</para>
/// <para>The values are kept sorted as one large list and two small ones, of the values come and gone since the large one
/// was last written: counts add up as large + come - gone. Until the small lists have grown to a share of the window, a
/// merge leaves the large one alone, so that a step costs far less than the window's size. Once it is full and
/// has met its largest step the window allocates nothing.</para>
/// </remarks>
public sealed class ReferenceDistribution
{
    // Every merge writes the small lists, and the large one whenever they fill. For steps of a hundred values and a window
    // of a million both cost about the same at this share; a window of thousands just writes the large list every time.
    private const int SmallListsShare = 64;

    // Only a window that has met so many values takes their memory: a capacity may come from a file.
    private const int FirstRing = 4096;

    private double[] _ring;
    private readonly SortedList _large = new(), _come = new(), _gone = new();
    private double[] _arriving = [], _departing = [];
    private int _oldest;
    private volatile int _count;

    // A sequence lock: odd while the lists change over to their next version. A reader that finds another number after
    // reading than before was overtaken and reads again.
    private long _version;

    /// <summary>Makes an empty window.</summary>
    /// <param name="capacity">How many values the window holds at most; the paper uses 2,048.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not positive.</exception>
    public ReferenceDistribution(int capacity = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _ring = new double[Math.Min(capacity, FirstRing)];
    }

    /// <summary>How many values the window holds at most.</summary>
    public int Capacity { get; }

    /// <summary>How many values the window holds now.</summary>
    public int Count => _count;

    /// <summary>
    /// Adds values in the order given and drops the oldest beyond the capacity. One thread at a time.
    /// O(k log k + M / 64) for k values into a window of M, and O(M) once in M / 64 values.
    /// </summary>
    /// <exception cref="ArgumentException">A value is NaN or infinite; the window is left as it was.</exception>
    public void Merge(ReadOnlySpan<double> values)
    {
        CheckFinite(values);
        if (values.Length > Capacity)
            values = values[^Capacity..];

        var leaving = (int)Math.Max(0, _count + (long)values.Length - Capacity);
        var departing = Scratch(ref _departing, leaving);
        var arriving = Scratch(ref _arriving, values.Length);
        CopyOut(_oldest, departing);
        values.CopyTo(arriving);
        Grow((int)Math.Min(Capacity, _count + (long)values.Length));
        CopyIn((int)((_oldest + (long)_count) % Capacity), values);
        _oldest = (int)((_oldest + (long)leaving) % Capacity);
        RankSort.Sort(departing);
        RankSort.Sort(arriving);

        _come.WriteUnion(arriving);
        _gone.WriteUnion(departing);
        var rewrite = _come.NextCount + _gone.NextCount > Capacity / SmallListsShare;
        if (rewrite)
        {
            _large.WriteUnionLess(_come.Next, _gone.Next);
            _come.WriteNothing();
            _gone.WriteNothing();
        }
        ChangeOver(rewrite, _count + values.Length - leaving);
    }

    /// <summary>The mid-rank quantile of a value among the values of the window, in [0, 1].</summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    /// <exception cref="InvalidOperationException">The window is empty.</exception>
    public double Quantile(double value)
    {
        double quantile = 0;
        Quantiles(new(in value), new(ref quantile));
        return quantile;
    }

    /// <summary>The mid-rank quantiles of many values, all of them in the window as it stands at one moment.</summary>
    /// <param name="values">The values.</param>
    /// <param name="quantiles">Receives the quantiles, in [0, 1]; not the values' own memory.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not finite.</exception>
    /// <exception cref="InvalidOperationException">The window is empty.</exception>
    public void Quantiles(ReadOnlySpan<double> values, Span<double> quantiles)
    {
        if (quantiles.Length != values.Length)
            throw new ArgumentException($"There is room for {quantiles.Length} quantiles, but {values.Length} values.", nameof(quantiles));
        Rank(values, quantiles, equalShare: 0.5);
    }

    /// <summary>The share of the window's values that are no larger than a value, in [0, 1]: the quantile as the paper counts it.</summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    /// <exception cref="InvalidOperationException">The window is empty.</exception>
    public double ShareAtMost(double value)
    {
        double share = 0;
        Rank(new(in value), new(ref share), equalShare: 1);
        return share;
    }

    /// <summary>
    /// The values from oldest to newest: the whole state. Merged into an empty window of the same capacity they
    /// give back this one exactly. Not while another thread merges.
    /// </summary>
    public double[] ToArray()
    {
        var values = new double[_count];
        CopyOut(_oldest, values);
        return values;
    }

    private static void CheckFinite(ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Value {i} is {values[i]}; only finite numbers can be ranked. Mark the answer as failed instead.", nameof(values));
        }
    }

    /// <summary>The share of values below each value, and by a share those equal to it.</summary>
    private void Rank(ReadOnlySpan<double> values, Span<double> ranks, double equalShare)
    {
        CheckFinite(values);
        var wait = new SpinWait();
        while (true)
        {
            var version = Volatile.Read(ref _version);
            var count = _count;
            ranks.Clear();
            _large.AddPlaces(values, ranks, equalShare, 1);
            _come.AddPlaces(values, ranks, equalShare, 1);
            _gone.AddPlaces(values, ranks, equalShare, -1);
            foreach (ref var rank in ranks)
                rank /= count;
            Volatile.ReadBarrier();
            if ((version & 1) == 0 && version == _version)
            {
                if (count == 0)
                    throw new InvalidOperationException("The reference distribution is empty; merge values before asking for a quantile.");
                return;
            }
            wait.SpinOnce();
        }
    }

    // What the lists are written to next is what readers overtaken by this change may still be reading; the barriers let
    // them see the new number before they can see anything of that.
    private void ChangeOver(bool rewritten, int count)
    {
        _version++;
        Volatile.WriteBarrier();
        if (rewritten)
            _large.ChangeOver();
        _come.ChangeOver();
        _gone.ChangeOver();
        _count = count;
        Volatile.WriteBarrier();
        _version++;
        Volatile.WriteBarrier();
    }

    private void CopyIn(int at, ReadOnlySpan<double> values)
    {
        var first = Math.Min(values.Length, Capacity - at);
        values[..first].CopyTo(_ring.AsSpan(at));
        values[first..].CopyTo(_ring);
    }

    private void CopyOut(int at, Span<double> values)
    {
        var first = Math.Min(values.Length, Capacity - at);
        _ring.AsSpan(at, first).CopyTo(values);
        _ring.AsSpan(0, values.Length - first).CopyTo(values[first..]);
    }

    // Until it has the capacity's length the ring has not come round, and the oldest value stands first.
    private void Grow(int length)
    {
        if (_ring.Length < length)
            Array.Resize(ref _ring, (int)Math.Clamp(2L * _ring.Length, length, (long)Capacity));
    }

    private static Span<double> Scratch(ref double[] store, int length)
    {
        if (store.Length < length)
            store = new double[length];
        return store.AsSpan(0, length);
    }
}
