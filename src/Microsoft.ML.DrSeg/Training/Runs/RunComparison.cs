using Microsoft.ML.DrSeg.Reporting;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Several runs in one report, made of their logs: key figures, curves over each other, and the options that differ.</summary>
internal static class RunComparison
{
    private sealed record Run(string Name, string Outcome, GrpoStepMetrics[] Steps, ValidationMetrics[] Validations, RunStart? Start)
    {
        public static Run Read(string folder, string name)
        {
            IReadOnlyList<RunLogLine> lines = TrainingReport.Read(folder);
            return new(name, TrainingReport.Outcome(folder, lines), [.. lines.Select(line => line.Step).OfType<GrpoStepMetrics>()],
                [.. lines.Select(line => line.Validation).OfType<ValidationMetrics>()], TrainingReport.StartOf(lines));
        }

        public GrpoStepMetrics[] Tail => [.. Steps.TakeLast(Math.Max(1, Steps.Length / 10))];
    }

    /// <param name="folders">Those of the runs, at least 2.</param>
    /// <param name="path">The report, .html.</param>
    public static void Write(IReadOnlyList<string> folders, string path)
    {
        string[] names = [.. folders.Select(folder => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))];
        Run[] runs = [.. folders.Zip(names, (folder, name) => Run.Read(folder, names.Count(other => other == name) > 1 ? folder : name))];
        var html = new HtmlReport($"{runs.Length} training runs");
        html.Heading("Figures").Table(Figures(runs));
        if (runs.Any(run => run.Validations.Length > 0))
            html.Heading("Validation").Charts([
                Chart("gIoU of held-out rows", runs, run => run.Validations, one => one.Step, one => one.GeneralizedIoU),
                Chart("mIoU of held-out rows", runs, run => run.Validations, one => one.Step, one => one.MeanIoU)]);
        html.Heading("Curves").Charts(TrainingReport.Curves.Select(name => Chart(name, runs, run => run.Steps, one => one.Step, one => one.ToDictionary()[name]) with
        {
            SmoothingWindow = Math.Max(1, runs.Max(run => run.Steps.Length) / 10),
        }));
        html.Heading("Options that differ").Table(Differences(runs));
        html.Save(path);
    }

    private static ReportTable Figures(Run[] runs)
    {
        var table = new ReportTable("Reward, mask IoU and failed answers are means over the last tenth of the steps", "Run", new TableColumn("Outcome", null), new TableColumn("Steps", "0"),
            new TableColumn("Best validation gIoU", HasBest: true), new TableColumn("at step", "0"), new TableColumn("Reward"), new TableColumn("Mask IoU", HasBest: true),
            new TableColumn("Failed", "0.0%"), new TableColumn("Seconds a step", "0.00"));
        foreach (Run run in runs)
        {
            ValidationMetrics? best = run.Validations.MaxBy(one => one.GeneralizedIoU);
            double? Mean(Func<GrpoStepMetrics, double> of) => run.Tail.Length == 0 ? null : run.Tail.Average(of);
            table.AddRow(run.Name, run.Outcome, run.Steps.Length == 0 ? 0 : run.Steps[^1].Step, best?.GeneralizedIoU, best?.Step,
                Mean(step => step.Reward), Mean(step => step.MaskIoU), Mean(step => step.FailedShare), Mean(step => step.Timing.Total));
        }
        return table;
    }

    private static LineChart Chart<T>(string title, Run[] runs, Func<Run, T[]> of, Func<T, int> step, Func<T, double> value) =>
        new(title, "step", title, [.. runs.Where(run => of(run).Length > 0).Select(run => new ChartSeries(run.Name, [.. of(run).Select(one => (double)step(one))], [.. of(run).Select(value)]))]);

    private static ReportTable Differences(Run[] runs)
    {
        var table = new ReportTable("What the runs were told otherwise than each other", "Option", [.. runs.Select(run => new TableColumn(run.Name, null))]);
        foreach (string option in runs.SelectMany(run => run.Start?.Course.Keys ?? []).Distinct())
        {
            string[] values = [.. runs.Select(run => run.Start?.Course.GetValueOrDefault(option) ?? "none")];
            if (values.Distinct().Skip(1).Any())
                table.AddRow(option, [.. values.Select(value => (TableCell)value)]);
        }
        return table;
    }
}
