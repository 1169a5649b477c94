namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// Learns when a second look pays. On training scenes every query gets one, so that its gain is known; the threshold
/// is the confidence below which the gains, each less the price of looking, add up to the most.
/// </summary>
public static class ConfidenceThreshold
{
    // On tuning scenes any price from .02 to .04 teaches the same threshold.
    internal const float UsualCost = 0.03f;

    /// <summary>Finds the threshold t that maximises the sum of (gain - cost) over queries with confidence below t.</summary>
    /// <param name="confidences">Confidence after the first look, one a query.</param>
    /// <param name="gains">IoU after a second look less IoU before it, one a query; may be negative.</param>
    /// <param name="cost">What a second look costs, in IoU.</param>
    /// <returns>0 where no second look pays; above every confidence where all do.</returns>
    /// <exception cref="ArgumentException">The spans differ in length or are empty.</exception>
    public static float Learn(ReadOnlySpan<float> confidences, ReadOnlySpan<float> gains, float cost)
    {
        if (confidences.Length != gains.Length || confidences.IsEmpty)
            throw new ArgumentException($"Got {confidences.Length} confidences and {gains.Length} gains; expected as many of each, at least one.", nameof(gains));
        float[] keys = confidences.ToArray(), values = gains.ToArray();
        Array.Sort(keys, values);
        double sum = 0, best = 0;
        float threshold = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            sum += values[i] - cost;
            // Equal confidences cannot be told apart: a threshold lies between different ones only.
            bool last = i == keys.Length - 1;
            if (!last && keys[i + 1] == keys[i]) continue;
            if (sum > best)
            {
                best = sum;
                threshold = last ? MathF.BitIncrement(keys[i]) : (keys[i] + keys[i + 1]) / 2;
            }
        }
        return threshold;
    }
}
