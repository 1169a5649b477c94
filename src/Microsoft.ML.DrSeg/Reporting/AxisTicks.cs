using System.Globalization;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.</summary>
internal sealed class AxisTicks
{
    private readonly string _format;

    /// <param name="wanted">About how many ticks.</param>
    public AxisTicks(double low, double high, int wanted)
    {
        if (!(high - low > 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high))))
        {
            // One value only: give it some room.
            var room = low == 0 ? 1 : Math.Abs(low) / 2;
            (low, high) = (low - room, high + room);
        }
        var step = Step((high - low) / wanted);
        var (first, last) = (Math.Floor(low / step + 1e-9), Math.Ceiling(high / step - 1e-9));
        Values = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        var decimals = Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9), 0, 12);
        _format = decimals == 0 ? "#,0" : "0." + new string('0', decimals);
    }

    /// <summary>The ticks; the axis reaches from the first to the last.</summary>
    public double[] Values { get; }

    public double Low => Values[0];

    public double High => Values[^1];

    public string Label(double value)
    {
        var text = value.ToString(_format, CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch
        {
            < 1.5 => 1,
            < 3 => 2,
            < 7.5 => 5,
            _ => 10,
        };
    }
}
