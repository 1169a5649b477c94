using Spectre.Console;
using TableColumn = Spectre.Console.TableColumn;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The console's table of <see cref="InferenceRow"/>s.</summary>
internal static class InferenceTable
{
    // Where output is no terminal, nothing says how wide it may be; eleven columns need this much.
    private const int WidthElsewhere = 160;

    public static void Print(IReadOnlyList<InferenceRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("training", "inference", "mIoU", "gIoU", "cIoU", "failed", "second looks", "improved", "harmed", "hypotheses", "ms");
        foreach (TableColumn column in table.Columns.Skip(2)) column.RightAligned();
        foreach (InferenceRow row in rows)
            table.AddRow(row.Training, row.Inference, $"{row.Metrics.MeanIoU:0.000}", $"{row.Metrics.GeneralizedIoU:0.000}",
                $"{row.Metrics.CumulativeIoU:0.000}", $"{row.Metrics.FailedShare:0.0%}", $"{row.SecondLooks:0.0%}",
                $"{row.Improved:0.0%}", $"{row.Harmed:0.0%}", $"{row.Hypotheses:0.0}", $"{row.Milliseconds:0.0}");
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = WidthElsewhere;
        AnsiConsole.Write(table);
    }
}
