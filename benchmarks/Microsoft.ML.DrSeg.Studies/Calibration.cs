namespace Microsoft.ML.DrSeg.Studies;

/// <summary>One bar of a reliability diagram.</summary>
/// <param name="Low">Lower end of the confidences in the bin, inside.</param>
/// <param name="High">Upper end, outside; the last bin holds 1 as well.</param>
/// <param name="Count">Number of predictions in the bin.</param>
/// <param name="MeanConfidence">What they promised; 0 in an empty bin.</param>
/// <param name="MeanOutcome">What they kept; 0 in an empty bin.</param>
internal readonly record struct ReliabilityBin(double Low, double High, int Count, double MeanConfidence, double MeanOutcome);

/// <summary>
/// Whether confidences mean what they say: bins of equal width over [0, 1], and the expected calibration error, the mean of
/// |confidence - outcome| over the bins weighted by their counts (Guo et al., On Calibration of Modern Neural Networks,
/// arXiv 1706.04599, section 2). The outcome may be a success (0 or 1) or a quality such as IoU.
/// </summary>
internal sealed record Calibration
{
    private Calibration()
    {
    }

    /// <summary>The expected calibration error, in [0, 1]; 0 is perfect.</summary>
    public required double ExpectedError { get; init; }

    /// <summary>The bins from low to high confidence, the empty ones too.</summary>
    public required IReadOnlyList<ReliabilityBin> Bins { get; init; }

    /// <summary>Compares confidences with outcomes.</summary>
    /// <param name="confidences">Promised values in [0, 1].</param>
    /// <param name="outcomes">True values in [0, 1], of the same length.</param>
    /// <param name="bins">Number of bins.</param>
    /// <exception cref="ArgumentException">Nothing to compare, different lengths, or a value outside [0, 1].</exception>
    public static Calibration From(ReadOnlySpan<double> confidences, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        if (confidences.IsEmpty || confidences.Length != outcomes.Length)
            throw new ArgumentException($"There are {confidences.Length} confidences and {outcomes.Length} outcomes; give as many of each, at least one.", nameof(outcomes));
        CheckRange(confidences, nameof(confidences));
        CheckRange(outcomes, nameof(outcomes));

        var counts = new int[bins];
        var (promised, kept) = (new double[bins], new double[bins]);
        for (var i = 0; i < confidences.Length; i++)
        {
            var bin = Math.Min((int)(confidences[i] * bins), bins - 1);
            counts[bin]++;
            promised[bin] += confidences[i];
            kept[bin] += outcomes[i];
        }

        var result = new ReliabilityBin[bins];
        var error = 0.0;
        for (var bin = 0; bin < bins; bin++)
        {
            var count = Math.Max(counts[bin], 1);
            result[bin] = new((double)bin / bins, (bin + 1.0) / bins, counts[bin], promised[bin] / count, kept[bin] / count);
            error += Math.Abs(promised[bin] - kept[bin]) / confidences.Length;
        }
        return new Calibration { ExpectedError = error, Bins = result };
    }

    private static void CheckRange(ReadOnlySpan<double> values, string name)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!(values[i] >= 0 && values[i] <= 1))
                throw new ArgumentException($"Value {i} is {values[i]}; it must lie between 0 and 1.", name);
        }
    }
}
