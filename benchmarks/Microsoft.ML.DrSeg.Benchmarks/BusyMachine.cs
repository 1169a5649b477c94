using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// How much longer a training step and a <c>Transform</c> take beside another program that keeps every core busy. A fair share of
/// the machine is twice as long; threads that wait for each other where another has the core make it much more.
/// </summary>
internal static class BusyMachine
{
    private const int Queries = 24, Repeats = 7, WarmUps = 2;

    public static int Run()
    {
        var context = new MLContext(1);
        using var model = DrSegModel.LoadBase();
        SegmentationExample[] examples = [.. Enumerable.Range(0, Queries).Select(i => new SegmentationExample(
            PipelineRow.Noise(i), model.Vocabulary.Nouns[i % model.Vocabulary.Nouns.Count], SegmentationMask.FromBox(new BoundingBox(i, i, i + 80, i + 60), PipelineRow.Size, PipelineRow.Size), i))];
        IDataView rows = context.Data.LoadFromEnumerable(PipelineRow.Many(Queries));
        ITransformer answering = PipelineBenchmarks.Answering(model, batch: 1), looking = PipelineBenchmarks.Looking(context, model, batch: 8, rows);
        using var loop = new GrpoLoop(model, new GrpoOptions
        {
            Steps = 1000,
            Sampling = new() { LookToConfirm = new LookToConfirmOptions() },
        }, new DistributionRankedReward(new() { Mode = RankedRewardMode.WithinGroup }));
        (string What, Action Do)[] works =
        [
            ("training step, 24 queries of 8, Look-to-Confirm", () => loop.Step(examples)),
            ("Transform, 24 greedy answers one by one", () => PipelineBenchmarks.Area(answering, rows)),
            ("Transform, 24 rows of Look-to-Confirm, 8 together", () => PipelineBenchmarks.Area(looking, rows)),
        ];
        double[] alone = [.. works.Select(work => Milliseconds(work.Do))];
        double[] busy = BesideBusyCores(() => [.. works.Select(work => Milliseconds(work.Do))]);
        Console.WriteLine("| work | alone, ms | beside busy cores, ms | times |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        for (int i = 0; i < works.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {works[i].What} | {alone[i]:0} | {busy[i]:0} | {busy[i] / alone[i]:0.0} |"));
        return 0;
    }

    /// <summary>Keeps one core busy until it is killed, ten minutes at most.</summary>
    public static int Spin()
    {
        long ends = Stopwatch.GetTimestamp() + 600 * Stopwatch.Frequency;
        while (Stopwatch.GetTimestamp() < ends)
        {
        }
        return 0;
    }

    private static double Milliseconds(Action work)
    {
        for (int i = 0; i < WarmUps; i++) work();
        var times = new double[Repeats];
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return times.Order().ElementAt(Repeats / 2);
    }

    private static double[] BesideBusyCores(Func<double[]> measure)
    {
        Process[] others = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Process.Start(Environment.ProcessPath!, Arguments()))];
        try
        {
            return measure();
        }
        finally
        {
            foreach (Process other in others)
            {
                other.Kill();
                other.Dispose();
            }
        }
    }

    // `dotnet benchmarks.dll` and the program's own executable are both possible.
    private static string[] Arguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(BusyMachine).Assembly.Location, "spin"] : ["spin"];
}
