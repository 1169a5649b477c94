namespace Microsoft.ML.DrSeg.Studies;

/// <summary>A figure with its 95 % interval.</summary>
internal readonly record struct Estimate(double Value, double Low, double High);

/// <summary>
/// How noisy a gradient is, from repeated draws g_1 .. g_R of it and their inner products alone. With the mean of the
/// squares S = mean |g_i|^2 and of the products of different draws P = mean g_i.g_j, which estimates the squared length of
/// the expected gradient without bias, the relative variance is (S - P) / P: trace of the covariance over squared signal.
/// It does not depend on the scale of the reward. Intervals are of the jackknife over draws, on the logarithm.
/// </summary>
internal static class GradientVariance
{
    private const double Normal95 = 1.96;

    /// <summary>The relative variance of one draw.</summary>
    /// <param name="products">R x R inner products.</param>
    public static Estimate Relative(double[,] products) =>
        Jackknife(products.GetLength(0), skipped => RelativeWithout(products, skipped));

    /// <summary>One relative variance over another, from draws that belong together pair by pair.</summary>
    public static Estimate Ratio(double[,] products, double[,] others) =>
        Jackknife(products.GetLength(0), skipped => RelativeWithout(products, skipped) / RelativeWithout(others, skipped));

    private static double RelativeWithout(double[,] products, int skipped)
    {
        double squares = 0, mixed = 0;
        int count = 0;
        for (int i = 0; i < products.GetLength(0); i++)
        {
            if (i == skipped) continue;
            count++;
            squares += products[i, i];
            for (int j = 0; j < i; j++)
                if (j != skipped) mixed += products[i, j];
        }
        double square = squares / count, signal = mixed / (count * (count - 1) / 2.0);
        return (square - signal) / signal;
    }

    // NaN where the draws do not even tell the signal's sign.
    private static Estimate Jackknife(int draws, Func<int, double> without)
    {
        double all = without(-1);
        double[] logs = [.. Enumerable.Range(0, draws).Select(i => Math.Log(without(i)))];
        double mean = logs.Average();
        double error = Math.Sqrt((draws - 1.0) / draws * logs.Sum(log => (log - mean) * (log - mean)));
        return new(all, all * Math.Exp(-Normal95 * error), all * Math.Exp(Normal95 * error));
    }
}
