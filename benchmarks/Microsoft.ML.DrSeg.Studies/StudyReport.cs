using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tool;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>Gathers the rows of a study over its seeds and writes them as Markdown and JSON, with paired intervals.</summary>
internal sealed class StudyReport(IReadOnlyList<TrainingArm> arms, float threshold, string settings)
{
    public const string Base = "base model", TableFile = "table.md";

    // One list a table row, one entry a seed; in the order of the first seed.
    private readonly OrderedDictionary<(string Training, string Inference), List<InferenceRow>> _rows = [];
    private readonly OrderedDictionary<(string Training, string Inference), List<InferenceRow>> _unseen = [];
    private readonly List<EvaluatedQuery[]> _baseRuns = [];

    /// <summary>Adds one model of one seed.</summary>
    /// <param name="training">How it was trained.</param>
    /// <param name="queries">The scenes that it is judged by.</param>
    /// <param name="unseenCutouts">Scenes of cut-outs that no training has seen, reported apart; may be empty.</param>
    public void Add(string training, EvaluatedQuery[] queries, EvaluatedQuery[] unseenCutouts)
    {
        if (training == Base) _baseRuns.Add(queries);
        Add(_rows, [InferenceRow.Greedy(training, queries), InferenceRow.Confirmed(training, queries, threshold), .. InferenceRow.Controls(training, queries, threshold)]);
        if (unseenCutouts.Length > 0)
            Add(_unseen, [InferenceRow.Greedy(training, unseenCutouts), InferenceRow.Confirmed(training, unseenCutouts, threshold)]);
    }

    public void Save(string folder, TimeSpan elapsed)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_baseRuns.Count} seeds; {settings}; {elapsed.TotalSeconds:0} seconds.");
        AppendRows(text, _rows);
        if (_unseen.Count > 0)
        {
            text.AppendLine().AppendLine("Cut-outs that no training has seen:");
            AppendRows(text, _unseen);
        }
        AppendComparisons(text);
        AppendGainCurve(text);
        AppendConfidence(text);
        AtomicFile.WriteText(Path.Combine(folder, TableFile), text.ToString());

        var json = new JsonObject { ["settings"] = settings, ["seconds"] = elapsed.TotalSeconds, ["rows"] = ToJson(_rows), ["unseenCutouts"] = ToJson(_unseen) };
        AtomicFile.WriteText(Path.Combine(folder, "results.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static void Add(OrderedDictionary<(string, string), List<InferenceRow>> table, IEnumerable<InferenceRow> found)
    {
        foreach (InferenceRow row in found)
        {
            if (!table.TryGetValue((row.Training, row.Inference), out List<InferenceRow>? runs))
                table.Add((row.Training, row.Inference), runs = []);
            runs.Add(row);
        }
    }

    private static void AppendRows(StringBuilder text, OrderedDictionary<(string Training, string Inference), List<InferenceRow>> table)
    {
        text.AppendLine().AppendLine("| training | inference | mIoU | gIoU | cIoU | P@.5 | failed | second looks | improved | harmed | hypotheses |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (((string training, string inference), List<InferenceRow> runs) in table)
        {
            double Mean(Func<InferenceRow, double> figure) => runs.Average(figure);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {training} | {inference} | {Mean(r => r.Metrics.MeanIoU):0.000} | {Mean(r => r.Metrics.GeneralizedIoU):0.000} | {Mean(r => r.Metrics.CumulativeIoU):0.000} | {Mean(r => r.Metrics.PrecisionAtHalf):0.000} | {Mean(r => r.Metrics.FailedShare):0.0%} | {Mean(r => r.SecondLooks):0.0%} | {Mean(r => r.Improved):0.0%} | {Mean(r => r.Harmed):0.0%} | {Mean(r => r.Hypotheses):0.0} |");
        }
    }

    private void AppendComparisons(StringBuilder text)
    {
        text.AppendLine().AppendLine("| comparison | gIoU, difference | 95 % interval | mIoU, relative | 95 % interval |").AppendLine("|---|---|---|---|---|");
        foreach ((string title, (string, string) from, (string, string) to) in Comparisons())
        {
            if (!_rows.TryGetValue(from, out List<InferenceRow>? a) || !_rows.TryGetValue(to, out List<InferenceRow>? b)) continue;
            int runs = Math.Min(a.Count, b.Count);
            ConfidenceInterval difference = PairedBootstrap.CompareMeans(
                [.. a.Take(runs).Select(row => row.QueryIoU)], [.. b.Take(runs).Select(row => row.QueryIoU)]);
            ConfidenceInterval relative = PairedBootstrap.CompareMetrics(
                [.. a.Take(runs).Select(row => row.Results)], [.. b.Take(runs).Select(row => row.Results)], metrics => metrics.MeanIoU,
                new BootstrapSettings { Comparison = Comparison.RelativeDifference });
            text.AppendLine(CultureInfo.InvariantCulture, $"| {title} | {difference.Estimate:+0.0000;-0.0000} | {difference.Low:+0.0000;-0.0000} to {difference.High:+0.0000;-0.0000} | {relative.Estimate:+0.0%;-0.0%} | {relative.Low:+0.0%;-0.0%} to {relative.High:+0.0%;-0.0%} |");
        }
    }

    private IEnumerable<(string Title, (string, string) From, (string, string) To)> Comparisons()
    {
        const string Greedy = InferenceRow.OneGreedyAnswer, Confirmed = InferenceRow.LookToConfirm;
        string plain = TrainingArm.Grpo.Title;
        foreach (TrainingArm arm in arms)
        {
            yield return ($"{arm.Title} - base, one greedy answer", (Base, Greedy), (arm.Title, Greedy));
            yield return ($"{arm.Title} - base, Look-to-Confirm", (Base, Confirmed), (arm.Title, Confirmed));
        }
        foreach (TrainingArm arm in arms.Where(arm => arm != TrainingArm.Grpo))
        {
            yield return ($"{arm.Title} - GRPO, one greedy answer", (plain, Greedy), (arm.Title, Greedy));
            yield return ($"{arm.Title} - GRPO, Look-to-Confirm", (plain, Confirmed), (arm.Title, Confirmed));
            yield return ($"{arm.Title}, Look-to-Confirm - GRPO, one greedy answer", (plain, Greedy), (arm.Title, Confirmed));
        }
        yield return ("base, Look-to-Confirm - GRPO, one greedy answer", (plain, Greedy), (Base, Confirmed));
        yield return ("base, learned threshold - never twice", (Base, InferenceRow.NeverTwice), (Base, Confirmed));
        yield return ("base, learned threshold - twice at random", (Base, InferenceRow.TwiceAtRandom), (Base, Confirmed));
    }

    // What a second look is worth at every rate, given to the least confident first or at random.
    private void AppendGainCurve(StringBuilder text)
    {
        text.AppendLine().AppendLine("Base model, gIoU by the share of queries looked at twice:").AppendLine();
        text.AppendLine("| second looks | the least confident | at random |").AppendLine("|---|---|---|");
        for (int tenth = 0; tenth <= 10; tenth++)
        {
            double rate = tenth / 10.0;
            double chosen = _baseRuns.Average(queries => Mean(queries, HypothesisChoice.BelowThreshold(ThresholdAt(queries, rate))));
            // Expected, not drawn: chance has no favourites.
            double never = _baseRuns.Average(queries => Mean(queries, HypothesisChoice.FirstLook)), always = _baseRuns.Average(queries => Mean(queries, HypothesisChoice.Always));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {rate:0%} | {chosen:0.0000} | {never + rate * (always - never):0.0000} |");
        }
    }

    private static double Mean(EvaluatedQuery[] queries, Func<EvaluatedQuery, int> choose) =>
        queries.Average(query => query.Hypotheses[choose(query)].IntersectionOverUnion);

    private static float ThresholdAt(EvaluatedQuery[] queries, double rate)
    {
        float[] confidences = [.. queries.Select(query => query.Hypotheses[HypothesisChoice.FirstLook(query)].Confidence).Order()];
        int count = (int)Math.Round(rate * confidences.Length);
        return count == confidences.Length ? float.PositiveInfinity : confidences[count];
    }

    // How well the confirming head knows what its masks are worth: over all hypotheses of the base model.
    private void AppendConfidence(StringBuilder text)
    {
        EvaluatedHypothesis[] masks = [.. _baseRuns[0].SelectMany(query => query.Hypotheses).Where(hypothesis => !hypothesis.Overlap.IsFailed)];
        double[] confidences = [.. masks.Select(hypothesis => (double)hypothesis.Confidence)];
        double[] ious = [.. masks.Select(hypothesis => hypothesis.IntersectionOverUnion)];
        var calibration = Calibration.From(confidences, ious);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"Confidence against IoU over {masks.Length} hypotheses of the base model: rank correlation {RankCorrelation.Spearman(confidences, ious):0.000}, expected calibration error {calibration.ExpectedError:0.000}.");
        text.AppendLine().AppendLine("| confidence | hypotheses | mean confidence | mean IoU |").AppendLine("|---|---|---|---|");
        foreach (ReliabilityBin bin in calibration.Bins)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {bin.Low:0.0} to {bin.High:0.0} | {bin.Count} | {bin.MeanConfidence:0.000} | {bin.MeanOutcome:0.000} |");
    }

    private static JsonArray ToJson(OrderedDictionary<(string Training, string Inference), List<InferenceRow>> table) =>
        [.. table.Values.SelectMany(runs => runs.Select((row, run) =>
        {
            JsonObject one = row.ToJson();
            one["seed"] = run + 1;
            return (JsonNode)one;
        }))];
}
