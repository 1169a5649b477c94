namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// A mean of values in [0, 1] that does not depend on the order in which they come, nor on who added which: the sum is held
/// as a whole number of 2^-62, where floating point would round at every step.
/// </summary>
internal struct ExactMean
{
    private const double Unit = 1L << 62;

    private Int128 _sum;

    public long Count { get; private set; }

    public readonly double Sum => (double)_sum / Unit;

    public readonly double? Value => Count == 0 ? null : (double)_sum / Unit / Count;

    /// <param name="value">In [0, 1].</param>
    public void Add(double value)
    {
        _sum += (long)(value * Unit);
        Count++;
    }

    public void Merge(in ExactMean other)
    {
        _sum += other._sum;
        Count += other.Count;
    }
}
