using Microsoft.ML.DrSeg.Evaluation;
using Spectre.Console;
using TableColumn = Spectre.Console.TableColumn;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The console's table of <see cref="InferenceRow"/>s.</summary>
internal static class InferenceTable
{
    // Where output is no terminal, nothing says how wide it may be; fifteen columns need this much.
    private const int WidthElsewhere = 220;

    // Figures that not every evaluation measures: a column of each is shown where any row has it.
    private static readonly (string Name, Func<SegmentationMetrics, double?> Of)[] Others =
    [
        ("absent right", metrics => metrics.AbsentAccuracy),
        // Without absent things every answer that says something would be right.
        ("present right", metrics => metrics.AbsentAccuracy is null ? null : metrics.PresentAccuracy),
        ("count right", metrics => metrics.CountAccuracy),
        ("matched boxes", metrics => metrics.MatchedBoxIoU),
    ];

    public static void Print(IReadOnlyList<InferenceRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("training", "inference", "mIoU", "gIoU", "cIoU", "failed", "second looks", "improved", "harmed", "hypotheses", "ms");
        var others = Others.Where(figure => rows.Any(row => figure.Of(row.Metrics) is not null)).ToArray();
        table.AddColumns([.. others.Select(figure => figure.Name)]);
        foreach (TableColumn column in table.Columns.Skip(2)) column.RightAligned();
        foreach (InferenceRow row in rows)
            table.AddRow([row.Training, row.Inference, $"{row.Metrics.MeanIoU:0.000}", $"{row.Metrics.GeneralizedIoU:0.000}",
                $"{row.Metrics.CumulativeIoU:0.000}", $"{row.Metrics.FailedShare:0.0%}", $"{row.SecondLooks:0.0%}",
                $"{row.Improved:0.0%}", $"{row.Harmed:0.0%}", $"{row.Hypotheses:0.0}", $"{row.Milliseconds:0.0}",
                .. others.Select(figure => $"{figure.Of(row.Metrics):0.000}")]);
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = WidthElsewhere;
        AnsiConsole.Write(table);
    }
}
