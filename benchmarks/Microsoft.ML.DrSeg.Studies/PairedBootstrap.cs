using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>An estimate with the interval it lies in.</summary>
/// <param name="Estimate">The statistic of the whole sample.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
internal readonly record struct ConfidenceInterval(double Estimate, double Low, double High)
{
    /// <summary>Whether the interval holds no zero, so that the sign of the estimate is not chance.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}

/// <summary>How two measured values become the one that an interval is wanted for.</summary>
internal enum Comparison
{
    /// <summary>Treatment less baseline.</summary>
    Difference,

    /// <summary>Treatment over baseline, less 1: .15 is 15 % better.</summary>
    RelativeDifference,
}

/// <summary>Settings of <see cref="PairedBootstrap"/>.</summary>
internal sealed record BootstrapSettings
{
    /// <summary>Difference or relative difference.</summary>
    public Comparison Comparison { get; init; }

    /// <summary>How sure the interval is, between 0 and 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>How often queries and runs are drawn anew.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Fixes the draws.</summary>
    public int Seed { get; init; }
}

/// <summary>A figure of one training run over some of the queries.</summary>
/// <param name="run">The training run, from 0.</param>
/// <param name="queries">Indices of the queries to measure over; an index may occur more than once.</param>
internal delegate double RunMeasure(int run, ReadOnlySpan<int> queries);

/// <summary>
/// Percentile bootstrap intervals for the comparison of two models on the same queries (Efron and Tibshirani, An
/// Introduction to the Bootstrap, 1993, chapter 13). Queries are drawn anew with replacement, the same ones for both models,
/// so what makes a query hard for both cancels. With several training runs (seeds), runs are drawn anew too, paired by their
/// place, so that the interval covers the luck of training as well; with three of them that part is only a rough guide.
/// </summary>
internal static class PairedBootstrap
{
    /// <summary>Compares the means of one value a query.</summary>
    /// <param name="baseline">The baseline's values, [run][query].</param>
    /// <param name="treatment">The treatment's values, [run][query]; of the same shape, same queries at the same places.</param>
    /// <param name="settings">The settings; null for the difference with 95 % confidence.</param>
    /// <exception cref="ArgumentException">The shapes differ or are empty, or a value is not finite.</exception>
    public static ConfidenceInterval CompareMeans(double[][] baseline, double[][] treatment, BootstrapSettings? settings = null)
    {
        var queries = CheckShape(baseline, treatment);
        CheckFinite(baseline, nameof(baseline));
        CheckFinite(treatment, nameof(treatment));
        return Compare(baseline.Length, queries, MeanOf(baseline), MeanOf(treatment), settings);
    }

    /// <summary>Compares any figure of the per-query results, for one mIoU, which is no mean over queries.</summary>
    /// <param name="baseline">The baseline's results, [run][query].</param>
    /// <param name="treatment">The treatment's results, [run][query]; of the same shape, same queries at the same places.</param>
    /// <param name="figure">The figure, such as <c>metrics => metrics.MeanIoU</c>.</param>
    /// <param name="settings">The settings; null for the difference with 95 % confidence.</param>
    /// <exception cref="ArgumentException">The shapes differ or are empty, or a result is impossible.</exception>
    public static ConfidenceInterval CompareMetrics(
        QueryResult[][] baseline, QueryResult[][] treatment, Func<SegmentationMetrics, double> figure, BootstrapSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(figure);
        var queries = CheckShape(baseline, treatment);
        return Compare(baseline.Length, queries, FigureOf(baseline, figure), FigureOf(treatment, figure), settings);
    }

    /// <summary>Compares any figure that can be measured over chosen queries of a run; it is averaged over the runs.</summary>
    /// <param name="runs">Number of training runs.</param>
    /// <param name="queries">Number of queries, the same for all runs.</param>
    /// <param name="baseline">Measures the baseline.</param>
    /// <param name="treatment">Measures the treatment.</param>
    /// <param name="settings">The settings; null for the difference with 95 % confidence.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is not positive, or the confidence does not lie between 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">A relative difference to a baseline of 0.</exception>
    public static ConfidenceInterval Compare(
        int runs, int queries, RunMeasure baseline, RunMeasure treatment, BootstrapSettings? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(runs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queries);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(treatment);
        settings ??= new();
        var (comparison, confidence) = (settings.Comparison, settings.Confidence);
        if (settings.Resamples <= 0)
            throw new ArgumentOutOfRangeException(nameof(settings), settings.Resamples, "The number of resamples must be positive; 2,000 is usual.");
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(settings), confidence, "The confidence must lie between 0 and 1; .95 is usual.");

        int[] allRuns = [.. Enumerable.Range(0, runs)], allQueries = [.. Enumerable.Range(0, queries)];
        var estimate = Statistic(allRuns, allQueries, baseline, treatment, comparison);

        var random = new Random(settings.Seed);
        var (drawnRuns, drawnQueries) = (new int[runs], new int[queries]);
        var statistics = new double[settings.Resamples];
        for (var i = 0; i < statistics.Length; i++)
        {
            Draw(random, drawnRuns);
            Draw(random, drawnQueries);
            statistics[i] = Statistic(drawnRuns, drawnQueries, baseline, treatment, comparison);
        }
        Array.Sort(statistics);
        var tail = (1 - confidence) / 2;
        return new(estimate, Percentile(statistics, tail), Percentile(statistics, 1 - tail));
    }

    private static double Statistic(int[] runs, int[] queries, RunMeasure baseline, RunMeasure treatment, Comparison comparison)
    {
        double before = 0, after = 0;
        foreach (var run in runs)
        {
            before += baseline(run, queries) / runs.Length;
            after += treatment(run, queries) / runs.Length;
        }
        if (comparison == Comparison.Difference)
            return after - before;
        return before != 0
            ? after / before - 1
            : throw new InvalidOperationException("The baseline is 0 in a sample of the queries, so a relative difference does not exist; ask for the difference instead.");
    }

    private static RunMeasure MeanOf(double[][] values) => (run, queries) =>
    {
        var sum = 0.0;
        foreach (var query in queries)
            sum += values[run][query];
        return sum / queries.Length;
    };

    private static RunMeasure FigureOf(QueryResult[][] results, Func<SegmentationMetrics, double> figure)
    {
        var drawn = new QueryResult[results[0].Length];
        return (run, queries) =>
        {
            for (var i = 0; i < queries.Length; i++)
                drawn[i] = results[run][queries[i]];
            return figure(SegmentationMetrics.From(drawn));
        };
    }

    private static void Draw(Random random, int[] indices)
    {
        for (var i = 0; i < indices.Length; i++)
            indices[i] = random.Next(indices.Length);
    }

    /// <summary>The value a share of the sorted values lies below, linear between neighbours.</summary>
    private static double Percentile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The number of queries, once both sides are known to be filled rectangles of one shape.</summary>
    private static int CheckShape<T>(T[][] baseline, T[][] treatment)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(treatment);
        if (baseline.Length == 0 || baseline[0].Length == 0)
            throw new ArgumentException("There is no run with a query to compare.", nameof(baseline));
        if (baseline.Length != treatment.Length)
            throw new ArgumentException($"The baseline has {baseline.Length} runs and the treatment {treatment.Length}; runs are compared in pairs. Repeat the run of a model that was not trained.", nameof(treatment));
        for (var run = 0; run < baseline.Length; run++)
        {
            if (baseline[run].Length != baseline[0].Length || treatment[run].Length != baseline[0].Length)
                throw new ArgumentException($"Run {run} has {baseline[run].Length} queries in the baseline and {treatment[run].Length} in the treatment, but run 0 has {baseline[0].Length}; all must answer the same queries.", nameof(treatment));
        }
        return baseline[0].Length;
    }

    private static void CheckFinite(double[][] values, string name)
    {
        for (var run = 0; run < values.Length; run++)
        {
            for (var query = 0; query < values[run].Length; query++)
            {
                if (!double.IsFinite(values[run][query]))
                    throw new ArgumentException($"The value of run {run}, query {query} is {values[run][query]}; only finite values can be compared. Count a failed answer as 0.", name);
            }
        }
    }
}
