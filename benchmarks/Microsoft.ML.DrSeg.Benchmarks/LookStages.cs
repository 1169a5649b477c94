using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Segmenters;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// Where the time of Look-to-Confirm goes: 32 queries answered together by the base model, stage by stage, less the greedy
/// answer of the same queries. Images of noise like those of <see cref="PipelineBenchmarks"/>, or the pictures of a folder.
/// </summary>
internal static class LookStages
{
    private const int Queries = 32, Rounds = 15;

    public static int Run(string? folder)
    {
        using DrSegModel model = DrSegModel.LoadBase();
        SegmentationQuery[] queries = [.. Images(folder).Select((image, i) => new SegmentationQuery(image, model.Vocabulary.Encode("dog"), i))];
        var options = new LookToConfirmOptions { Threshold = model.Threshold };

        var looks = new Stages(model);
        LookToConfirmResult[] results = [];
        double[] greedy = new double[Rounds], looking = new double[Rounds];
        for (int round = -3; round < Rounds; round++)
        {
            // The first rounds warm up and are not counted.
            if (round == 0) looks.Clear();
            double withoutLooks = Milliseconds(() => Look.Take(model.Policy, model.Segmenter, [.. queries.Select(Whole)], 1, AnswerSampling.Greedy).Dispose());
            double withLooks = Milliseconds(() =>
            {
                using LookToConfirmSession session = new LookToConfirmLoop(looks.Policy, looks.Segmenter, model.Confirmation).Run(queries, options, seed: 1);
                results = [.. session.Results];
            });
            looks.Confirm(queries, results);
            if (round < 0) continue;
            greedy[round] = withoutLooks;
            looking[round] = withLooks;
        }

        int hypotheses = results.Sum(result => result.Hypotheses.Count), different = results.Sum(result => result.Hypotheses.DistinctBy(h => string.Join(' ', (h.Generated.Objects ?? []).Select(one => (one.Box, one.Point)))).Count());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Queries} queries, {torch.get_num_threads()} threads, {results.Count(result => result.LookedAgain)} looked at twice, {hypotheses} answers, {different} different, answers' checksum {Checksum(results):x8}"));
        foreach ((string stage, double milliseconds) in looks.Each(Rounds * Queries))
            Print(stage, milliseconds);
        double total = Median(looking), simple = Median(greedy);
        Print("look-to-confirm, all", total);
        Print("greedy answer", simple);
        Print("added", total - simple);
        return 0;
    }

    private static RgbImage[] Images(string? folder) => folder is null
        ? [.. Enumerable.Range(0, Queries).Select(PipelineRow.Noise)]
        : [.. Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order().Take(Queries).Select(RgbImage.Load)];

    private static PolicyPrompt Whole(SegmentationQuery query) => new(ImageView.Whole(query.Image), query.Tokens, query.Id);

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

    /// <summary>The model's parts with the time of each call counted to a stage; the parts stay their owner's.</summary>
    private sealed class Stages(DrSegModel model)
    {
        private readonly SortedDictionary<string, long> ticks = new(StringComparer.Ordinal);
        private string look = "";

        public IVisionLanguagePolicy Policy => new TimedPolicy(model.Policy, this);

        public IPromptableSegmenter Segmenter => new TimedSegmenter(model.Segmenter, this);

        public void Clear() => ticks.Clear();

        public IEnumerable<(string Stage, double Milliseconds)> Each(int times) => ticks.Select(pair => (pair.Key, Stopwatch.GetElapsedTime(0, pair.Value).TotalMilliseconds / times));

        /// <summary>Checks the candidates once more, which the loop does unseen.</summary>
        public void Confirm(SegmentationQuery[] queries, LookToConfirmResult[] results)
        {
            ConfirmationPrompt[] prompts = [.. results.SelectMany((result, i) => result.Hypotheses.Where(h => h.Mask is not null)
                .Select(h => new ConfirmationPrompt(queries[i].Image, queries[i].Tokens, h.Generated.Box, h.Mask!)))];
            look = "both looks";
            Measure("confirm", () => model.Confirmation.Confirm(prompts));
        }

        private T Measure<T>(string stage, Func<T> work)
        {
            long begin = Stopwatch.GetTimestamp();
            T result = work();
            string name = $"{look}: {stage}";
            ticks[name] = ticks.GetValueOrDefault(name) + Stopwatch.GetTimestamp() - begin;
            return result;
        }

        private sealed class TimedPolicy(IVisionLanguagePolicy policy, Stages stages) : IVisionLanguagePolicy
        {
            public int LongestAnswer => policy.LongestAnswer;

            public IEnumerable<Parameter> Parameters() => policy.Parameters();

            public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts)
            {
                stages.look = prompts[0].Look == 0 ? "look 1" : "look 2";
                return stages.Measure("1 render views", () => policy.Prepare(prompts));
            }

            public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling) =>
                stages.Measure("2 read and answer", () => policy.Generate(prompts, answersPerPrompt, sampling));

            public ScoredTokens Score(PromptBatch prompts, torch.Tensor tokens, torch.Tensor mask, ScoreOptions options) => policy.Score(prompts, tokens, mask, options);

            public void FreezeReference() => policy.FreezeReference();

            public void Dispose()
            {
            }
        }

        private sealed class TimedSegmenter(IPromptableSegmenter segmenter, Stages stages) : IPromptableSegmenter
        {
            public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => stages.Measure("3 segment", () => segmenter.Segment(prompts));

            public void Dispose()
            {
            }
        }
    }
}
