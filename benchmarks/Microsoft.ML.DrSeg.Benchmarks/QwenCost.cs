using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// What sampling and updating cost against the number and length of a prompt's answers, beside the usual arrangement (<see cref="QwenWork"/>).
/// In seconds of the processor, not of the clock, so that other programs change little; set OMP_NUM_THREADS=1, as waiting threads count too.
/// </summary>
internal static class QwenCost
{
    private const int Prompts = 8;

    private static readonly (int Answers, int Length)[] Cells = [(8, 32), (8, 128), (2, 32), (4, 32), (16, 32), (2, 128), (4, 128), (16, 128)];

    public static int Run()
    {
        using var work = new QwenWork();
        // Warms up, too.
        using (Tensor few = work.SampleFromCopies(2, 16)) RequireTheSame(work, few);
        Console.WriteLine("| answers | tokens of each | sampling | sampling, copies | update | update, copies | step | step, copies | times |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((int answers, int length) in Cells) Console.WriteLine(Row(work, answers, length));
        Console.WriteLine($"\n| answers to each of {Prompts} prompts | tokens of each | sampling, together | sampling, one prompt after the other | times |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        foreach (int answers in new[] { 2, 8 }) Console.WriteLine(PromptsRow(work, answers, 32));
        return 0;
    }

    private static string PromptsRow(QwenWork work, int answers, int length)
    {
        double together = Seconds(() => work.SamplePrompts(Prompts, answers, length, together: true)), apart = Seconds(() => work.SamplePrompts(Prompts, answers, length, together: false));
        return string.Create(CultureInfo.InvariantCulture, $"| {answers} | {length} | {together:0.00} | {apart:0.00} | {apart / together:0.0} |");
    }

    private static string Row(QwenWork work, int answers, int length)
    {
        using Tensor tokens = work.Sample(answers, length);
        double sampling = Seconds(() => work.Sample(answers, length).Dispose()), usualSampling = Seconds(() => work.SampleFromCopies(answers, length).Dispose());
        double update = Seconds(() => work.Update(tokens)), usualUpdate = Seconds(() => work.UpdateOfCopies(tokens));
        double step = sampling + update, usual = usualSampling + usualUpdate;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {answers} | {length} | {sampling:0.00} | {usualSampling:0.00} | {update:0.00} | {usualUpdate:0.00} | {step:0.00} | {usual:0.00} | {usual / step:0.0} |");
    }

    private static double Seconds(Action work)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }

    private static void RequireTheSame(QwenWork work, Tensor tokens)
    {
        float[] expected = work.Gradients(() => work.Update(tokens)), found = work.Gradients(() => work.UpdateOfCopies(tokens));
        float largest = expected.Max(MathF.Abs);
        if (!(largest > 0) || expected.Zip(found).Any(pair => !(MathF.Abs(pair.First - pair.Second) <= 1e-3f * largest)))
            throw new InvalidOperationException("The arrangements give different gradients: they do not do the same work.");
    }
}
