using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One row of a comparison: a trained model under one rule of choosing an answer.</summary>
/// <param name="Training">How the model was trained.</param>
/// <param name="Inference">How it answers.</param>
/// <param name="Results">One a query.</param>
/// <param name="SecondLooks">Share of queries looked at twice.</param>
/// <param name="Improved">Share of queries whose IoU is above the greedy answer's by more than a hundredth.</param>
/// <param name="Harmed">Share of queries whose IoU is below the greedy answer's by more than a hundredth.</param>
/// <param name="Hypotheses">Mean number of hypotheses a query.</param>
/// <param name="Milliseconds">Time a query; null where the rule is a control that nobody would run.</param>
internal sealed record InferenceRow(
    string Training, string Inference, QueryResult[] Results, double SecondLooks, double Improved, double Harmed, double Hypotheses, double? Milliseconds)
{
    public const string OneGreedyAnswer = "one greedy answer", LookToConfirm = "Look-to-Confirm", NeverTwice = "never twice", TwiceAtRandom = "twice at random, same rate";

    private const double Noticeable = 0.01;

    public SegmentationMetrics Metrics { get; } = SegmentationMetrics.From(Results);

    public double[] QueryIoU => [.. Results.Select(result => result.IntersectionOverUnion)];

    /// <summary>The greedy answer alone.</summary>
    public static InferenceRow Greedy(string training, EvaluatedQuery[] queries, double? milliseconds = null) =>
        Of(training, OneGreedyAnswer, queries, HypothesisChoice.Greedy, _ => false, _ => 1, milliseconds);

    /// <summary>Look-to-Confirm with a learned threshold.</summary>
    public static InferenceRow Confirmed(string training, EvaluatedQuery[] queries, float threshold, double? milliseconds = null) =>
        Looking(training, LookToConfirm, queries, HypothesisChoice.BelowThreshold(threshold), query => HypothesisChoice.LooksAgain(query, threshold), milliseconds);

    /// <summary>The rules that Look-to-Confirm is compared with: when else to look twice, and how else to choose.</summary>
    public static IEnumerable<InferenceRow> Controls(string training, EvaluatedQuery[] queries, float threshold)
    {
        const ulong Seed = 1;
        double rate = queries.Average(query => HypothesisChoice.LooksAgain(query, threshold) ? 1.0 : 0.0);
        return
        [
            Looking(training, NeverTwice, queries, HypothesisChoice.FirstLook, _ => false),
            Looking(training, TwiceAtRandom, queries, HypothesisChoice.AtRandomRate(rate, Seed), query => HypothesisChoice.LooksAgainAtRandom(query, rate, Seed)),
            Looking(training, "always twice", queries, HypothesisChoice.Always, _ => true),
            Looking(training, "most probable of all", queries, HypothesisChoice.MostProbable, _ => true),
            Looking(training, "any of all", queries, HypothesisChoice.AnyOf(Seed), _ => true),
            Looking(training, "perfect choice of all", queries, HypothesisChoice.Perfect, _ => true),
        ];
    }

    public JsonObject ToJson() => new()
    {
        ["training"] = Training,
        ["inference"] = Inference,
        ["gIoU"] = Metrics.GeneralizedIoU,
        ["mIoU"] = Metrics.MeanIoU,
        ["cIoU"] = Metrics.CumulativeIoU,
        ["precisionAtHalf"] = Metrics.PrecisionAtHalf,
        ["failed"] = Metrics.FailedShare,
        ["absentAccuracy"] = Metrics.AbsentAccuracy,
        ["presentAccuracy"] = Metrics.PresentAccuracy,
        ["countAccuracy"] = Metrics.CountAccuracy,
        ["matchedBoxIoU"] = Metrics.MatchedBoxIoU,
        ["secondLooks"] = SecondLooks,
        ["improved"] = Improved,
        ["harmed"] = Harmed,
        ["hypotheses"] = Hypotheses,
        ["milliseconds"] = Milliseconds,
    };

    /// <summary>Milliseconds a query of the greedy answer and of Look-to-Confirm, in batches of 32.</summary>
    public static (double Greedy, double Confirmed) Time(DrSegModel model, IReadOnlyList<SegmentationExample> examples, LookToConfirmOptions looking)
    {
        SegmentationQuery[] queries = [.. examples.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        PolicyPrompt[] prompts = [.. queries.Select(query => new PolicyPrompt(ImageView.Whole(query.Image), query.Text, query.Id))];
        double PerQuery(Action run)
        {
            run(); // warm-up
            long started = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds / queries.Length;
        }
        return (
            PerQuery(() => { using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, AnswerSampling.Greedy); }),
            PerQuery(() => { using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, looking with { Threshold = model.Threshold }, seed: 1); }));
    }

    private static InferenceRow Looking(
        string training, string inference, EvaluatedQuery[] queries, Func<EvaluatedQuery, int> choose, Func<EvaluatedQuery, bool> looksAgain, double? milliseconds = null) =>
        Of(training, inference, queries, choose, looksAgain,
            query => looksAgain(query) ? query.Hypotheses.Length : query.Hypotheses.Count(hypothesis => hypothesis.Look == 0), milliseconds);

    private static InferenceRow Of(
        string training, string inference, EvaluatedQuery[] queries, Func<EvaluatedQuery, int> choose,
        Func<EvaluatedQuery, bool> looksAgain, Func<EvaluatedQuery, int> hypotheses, double? milliseconds)
    {
        int[] chosen = [.. queries.Select(choose)];
        double[] gain = [.. queries.Zip(chosen, (query, index) => query.Hypotheses[index].IntersectionOverUnion - query.Hypotheses[0].IntersectionOverUnion)];
        return new InferenceRow(
            training, inference,
            [.. queries.Zip(chosen, (query, index) => query.Hypotheses[index].Overlap)],
            queries.Average(query => looksAgain(query) ? 1.0 : 0.0),
            gain.Average(value => value > Noticeable ? 1.0 : 0.0),
            gain.Average(value => value < -Noticeable ? 1.0 : 0.0),
            queries.Average(hypotheses), milliseconds);
    }
}
