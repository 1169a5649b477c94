using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// Where the time of Look-to-Confirm goes: 32 queries answered together by the base model, stage by stage, less the greedy
/// answer of the same queries. Images of noise like those of <see cref="PipelineBenchmarks"/>, or the pictures of a folder.
/// </summary>
internal static class LookStages
{
    private const int Queries = 32, Rounds = 15;
    private const ulong Seed = 1;

    public static int Run(string? folder)
    {
        using var model = DrSegModel.LoadBase();
        SegmentationQuery[] queries = [.. Images(folder).Select((image, i) => new SegmentationQuery(image, "dog", i))];
        var options = new LookToConfirmOptions { Threshold = model.Threshold };

        // The first look on its own; the closer views are what the whole takes longer.
        PhaseClock<LookPhase> first = new(), whole = new();
        var loop = new LookToConfirmLoop(model.Policy, model.Segmenter, model.Confirmation) { Clock = whole };
        var sampling = new AnswerSampling(options.Temperature, options.FirstGreedy, Seed);
        LookToConfirmResult[] results = [];
        double[] greedy = new double[Rounds], looking = new double[Rounds];
        for (int round = -3; round < Rounds; round++)
        {
            // The first rounds warm up and are not counted.
            if (round == 0)
            {
                first.Clear();
                whole.Clear();
            }
            Look.Take(model.Policy, model.Segmenter, [.. queries.Select(Whole)], options.FirstLookAnswers, sampling, first).Dispose();
            double withoutLooks = Milliseconds(() => Look.Take(model.Policy, model.Segmenter, [.. queries.Select(Whole)], 1, AnswerSampling.Greedy).Dispose());
            double withLooks = Milliseconds(() =>
            {
                using LookToConfirmSession session = loop.Run(queries, options, Seed);
                results = [.. session.Results];
            });
            if (round < 0) continue;
            greedy[round] = withoutLooks;
            looking[round] = withLooks;
        }

        int hypotheses = results.Sum(result => result.Hypotheses.Count), different = results.Sum(result => result.Hypotheses.DistinctBy(h => string.Join(' ', (h.Generated.Objects ?? []).Select(one => (one.Box, one.Point)))).Count());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Queries} queries, {torch.get_num_threads()} threads, {results.Count(result => result.LookedAgain)} looked at twice, {hypotheses} answers, {different} different, answers' checksum {Checksum(results):x8}"));
        double Mean(double seconds) => seconds * 1000 / (Rounds * Queries);
        foreach (LookPhase phase in (LookPhase[])[LookPhase.Prompt, LookPhase.Sampling, LookPhase.Segmentation])
        {
            Print($"first look: {phase}", Mean(first.Seconds(phase)));
            Print($"closer views: {phase}", Mean(whole.Seconds(phase) - first.Seconds(phase)));
        }
        Print($"both: {LookPhase.Confirmation}", Mean(whole.Seconds(LookPhase.Confirmation)));
        double total = Median(looking), simple = Median(greedy);
        Print("look-to-confirm, all", total);
        Print("greedy answer", simple);
        Print("added", total - simple);
        return 0;
    }

    private static RgbImage[] Images(string? folder) => folder is null
        ? [.. Enumerable.Range(0, Queries).Select(PipelineRow.Noise)]
        : [.. Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order().Take(Queries).Select(RgbImage.Load)];

    private static PolicyPrompt Whole(SegmentationQuery query) => new(ImageView.Whole(query.Image), query.Text, query.Id);

    private static double Milliseconds(Action work)
    {
        long begin = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds / Queries;
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);

    // Tokens and masks of all answers and which was chosen: the same number, the same answers.
    private static uint Checksum(LookToConfirmResult[] results)
    {
        uint sum = 2166136261;
        void Add(int value) => sum = (sum ^ (uint)value) * 16777619;
        foreach (LookToConfirmResult result in results)
        {
            Add(result.Chosen);
            foreach (Hypothesis hypothesis in result.Hypotheses)
            {
                foreach (int token in hypothesis.Generated.Tokens) Add(token);
                Add((int)(hypothesis.Mask?.Area ?? -1));
            }
        }
        return sum;
    }

    private static void Print(string stage, double milliseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stage,-32} {milliseconds,7:0.00} ms a query"));
}
