using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>What sampling and updating cost against the number and length of a prompt's answers, beside the usual arrangements (<see cref="QwenWork"/>).</summary>
internal static class QwenCost
{
    private const int Repeats = 3;
    private static readonly int[] Groups = [2, 4, 8, 16], Lengths = [32, 128];

    public static int Run()
    {
        using var work = new QwenWork();
        using (Tensor few = work.SampleFromCopies(2, 16)) RequireTheSame(work, few);
        Console.WriteLine("| answers | tokens of each | sampling | sampling, copies | update | update, copies | update, copies, whole graph | step | step, copies | times |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (int length in Lengths)
            foreach (int answers in Groups)
                Console.WriteLine(Row(work, answers, length));
        return 0;
    }

    // Medians of rounds in each of which every arrangement has its turn.
    private static string Row(QwenWork work, int answers, int length)
    {
        using Tensor tokens = work.Sample(answers, length);
        Action[] parts =
        [
            () => work.Sample(answers, length).Dispose(), () => work.SampleFromCopies(answers, length).Dispose(),
            () => work.Update(tokens), () => work.UpdateOfCopies(tokens), () => work.WholeGraphOfCopies(tokens),
        ];
        double[][] rounds = [.. Enumerable.Range(0, Repeats).Select(_ => Array.ConvertAll(parts, Seconds))];
        double[] median = [.. parts.Select((_, part) => rounds.Select(round => round[part]).Order().ElementAt(Repeats / 2))];
        // The better of the two usual ways back.
        double step = median[0] + median[2], usual = median[1] + Math.Min(median[3], median[4]);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {answers} | {length} | {median[0]:0.00} | {median[1]:0.00} | {median[2]:0.00} | {median[3]:0.00} | {median[4]:0.00} | {step:0.00} | {usual:0.00} | {usual / step:0.0} |");
    }

    private static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void RequireTheSame(QwenWork work, Tensor tokens)
    {
        float[] expected = work.Gradients(() => work.Update(tokens));
        float largest = expected.Max(MathF.Abs);
        foreach (float[] found in new[] { work.Gradients(() => work.UpdateOfCopies(tokens)), work.Gradients(() => work.WholeGraphOfCopies(tokens)) })
            if (!(largest > 0) || expected.Zip(found).Any(pair => !(MathF.Abs(pair.First - pair.Second) <= 1e-3f * largest)))
                throw new InvalidOperationException("The arrangements give different gradients: they do not do the same work.");
    }
}
