using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Tool;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>Gathers what models answer on scenes of several kinds and writes it as Markdown and JSON, with paired intervals.</summary>
/// <param name="settings">What the figures depend on, in words.</param>
internal sealed class ObjectsReport(string settings)
{
    public const string Shipped = "shipped model", Taught = "base with lists", Usual = "one instance each, all present", Several = "several instances, some absent";
    public const string TableFile = "table.md", FiguresFile = "results.json";

    // Whether a query counts for a figure depends on the truth alone, so that models can be compared query by query.
    private static readonly (string Name, Func<QueryResult, double?> Of)[] Figures =
    [
        ("gIoU", result => result.IntersectionOverUnion),
        ("matched boxes", result => result.IsAbsent ? null : result.MatchedBoxIoU),
        ("count right", result => result.IsCountRight is true ? 1 : 0),
        ("absent right", result => result.IsAbsent ? (result.IsEmpty ? 1 : 0) : null),
        ("present right", result => result.IsAbsent ? null : result is { IsFailed: false, IsEmpty: false } ? 1 : 0),
    ];

    private readonly List<(string Kind, InferenceRow Row, int[] Objects)> _rows = [];

    /// <summary>Adds one model's answers to the scenes of one kind.</summary>
    /// <param name="kind">The kind of scenes.</param>
    /// <param name="title">The model.</param>
    /// <param name="queries">What it answered.</param>
    /// <param name="objects">How many objects each query asks for.</param>
    /// <param name="threshold">The confidence below which the model looks twice.</param>
    public void Add(string kind, string title, EvaluatedQuery[] queries, int[] objects, float threshold)
    {
        _rows.Add((kind, InferenceRow.Greedy(title, queries), objects));
        _rows.Add((kind, InferenceRow.Confirmed(title, queries, threshold), objects));
    }

    /// <summary>Writes all files.</summary>
    /// <returns>The Markdown.</returns>
    public string Save(string folder, TimeSpan elapsed)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{settings}; {elapsed.TotalSeconds:0} seconds.");
        foreach (string kind in _rows.Select(row => row.Kind).Distinct())
        {
            AppendRows(text, kind);
            AppendComparisons(text, kind, kind == Usual ? [Shipped] : [Taught, TrainingArm.Grpo.Title]);
        }
        AppendByObjects(text);
        AtomicFile.WriteText(Path.Combine(folder, TableFile), text.ToString());
        var json = new JsonObject
        {
            ["settings"] = settings,
            ["seconds"] = elapsed.TotalSeconds,
            ["rows"] = new JsonArray([.. _rows.Select(row =>
            {
                JsonObject one = row.Row.ToJson();
                one["scenes"] = row.Kind;
                return (JsonNode)one;
            })]),
        };
        AtomicFile.WriteText(Path.Combine(folder, FiguresFile), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return text.ToString();
    }

    private void AppendRows(StringBuilder text, string kind)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Scenes of {kind}:").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| model | inference | mIoU | {string.Join(" | ", Figures.Select(figure => figure.Name))} | failed | second looks | hypotheses |");
        text.AppendLine(Rule(6 + Figures.Length));
        foreach (InferenceRow row in _rows.Where(row => row.Kind == kind).Select(row => row.Row))
        {
            string figures = string.Join(" | ", Figures.Select(figure => Mean(row.Results, figure.Of)));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Training} | {row.Inference} | {row.Metrics.MeanIoU:0.000} | {figures} | {row.Metrics.FailedShare:0.0%} | {row.SecondLooks:0.0%} | {row.Hypotheses:0.0} |");
        }
    }

    // Every later model less each of the named ones, under the same rule of choosing an answer.
    private void AppendComparisons(StringBuilder text, string kind, string[] baselines)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"| difference, 95 % interval | inference | {string.Join(" | ", Figures.Select(figure => figure.Name))} |");
        text.AppendLine(Rule(2 + Figures.Length));
        InferenceRow[] own = [.. _rows.Where(row => row.Kind == kind).Select(row => row.Row)];
        foreach (string baseline in baselines)
            foreach (InferenceRow row in own.SkipWhile(row => row.Training != baseline).Where(row => row.Training != baseline))
            {
                InferenceRow before = own.Single(other => other.Training == baseline && other.Inference == row.Inference);
                string differences = string.Join(" | ", Figures.Select(figure => Difference(before.Results, row.Results, figure.Of)));
                text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Training} - {baseline} | {row.Inference} | {differences} |");
            }
    }

    // Where the answers fail: by how many objects there are.
    private void AppendByObjects(StringBuilder text)
    {
        (string Kind, InferenceRow Row, int[] Objects)[] own = [.. _rows.Where(row => row.Kind == Several)];
        if (own.Length == 0) return;
        int[] counts = own[0].Objects;
        IGrouping<int, int>[] groups = [.. Enumerable.Range(0, counts.Length).GroupBy(query => counts[query]).OrderBy(group => group.Key)];
        text.AppendLine().AppendLine("By the number of objects asked for, gIoU and share of answers with the right count:").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| model | inference | {string.Join(" | ", groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} ({group.Count()} queries)")))} |");
        text.AppendLine(Rule(2 + groups.Length));
        foreach ((_, InferenceRow row, _) in own)
        {
            string cells = string.Join(" | ", groups.Select(group =>
            {
                QueryResult[] some = [.. group.Select(query => row.Results[query])];
                return $"{Mean(some, Figures[0].Of)}, {Mean(some, Figures[2].Of)}";
            }));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Training} | {row.Inference} | {cells} |");
        }
    }

    private static string Mean(QueryResult[] results, Func<QueryResult, double?> figure) =>
        Values(results, figure) is { Length: > 0 } values ? values.Average().ToString("0.000", CultureInfo.InvariantCulture) : "";

    private static string Difference(QueryResult[] before, QueryResult[] after, Func<QueryResult, double?> figure)
    {
        double[] baseline = Values(before, figure);
        if (baseline.Length == 0) return "";
        ConfidenceInterval interval = PairedBootstrap.CompareMeans([baseline], [Values(after, figure)]);
        return string.Create(CultureInfo.InvariantCulture, $"{Signed(interval.Estimate)} ({Signed(interval.Low)} to {Signed(interval.High)})");
    }

    // Rounded first: what rounds to 0 from below would have both signs.
    private static string Signed(double value) => (Math.Round(value, 3) + 0.0).ToString("+0.000;-0.000", CultureInfo.InvariantCulture);

    private static double[] Values(QueryResult[] results, Func<QueryResult, double?> figure) => [.. results.Select(figure).OfType<double>()];

    private static string Rule(int columns) => $"|{string.Concat(Enumerable.Repeat("---|", columns))}";
}
