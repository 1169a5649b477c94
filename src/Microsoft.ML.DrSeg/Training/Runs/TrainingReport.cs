using System.Globalization;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Reporting;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>The report of a run, made of its log alone: of a finished run, of one that is going on, and of one that broke off.</summary>
internal static class TrainingReport
{
    private const int ShownSheets = 3;

    public static readonly string[] Curves =
    [
        "reward", "mask IoU", "failed", "groups without spread", "divergence", "clipped", "entropy", "gradient norm", "learning rate", "answer length", "second looks",
    ];

    /// <param name="path">The report; null for the one in the folder.</param>
    public static string Write(string folder, string? path = null)
    {
        IReadOnlyList<RunLogLine> lines = Read(folder);
        path ??= Path.Combine(folder, RunFolder.ReportFile);
        Compose(folder, lines).Save(path);
        return path;
    }

    /// <summary>The log of the run in a folder.</summary>
    public static IReadOnlyList<RunLogLine> Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string log = Path.Combine(folder, RunFolder.LogFile);
        return File.Exists(log) ? RunLog.Read(log)
            : throw new FileNotFoundException($"'{folder}' holds no run: there is no '{log}'. Give the folder that a run was told to write to.", log);
    }

    /// <summary>What the run sets out to do; of one that was made longer, what it does now.</summary>
    public static RunStart? StartOf(IReadOnlyList<RunLogLine> lines) => lines.Select(line => line.Start).LastOrDefault(found => found is not null);

    private static HtmlReport Compose(string folder, IReadOnlyList<RunLogLine> lines)
    {
        GrpoStepMetrics[] steps = [.. lines.Select(line => line.Step).OfType<GrpoStepMetrics>()];
        ValidationMetrics[] validations = [.. lines.Select(line => line.Validation).OfType<ValidationMetrics>()];
        RunStart? start = StartOf(lines);
        int done = steps.Length == 0 ? 0 : steps[^1].Step;
        var html = new HtmlReport("A training run", $"{Outcome(folder, lines)}, {done} of {start?.Steps ?? done} steps");
        if (steps.Length == 0)
            return html.Paragraph("No step has been logged yet.");

        AddKeyFigures(html, steps, validations);
        if (validations.Length > 0)
        {
            html.Heading("Validation");
            double[] at = [.. validations.Select(one => (double)one.Step)];
            html.Chart(new LineChart("Held-out rows, greedy answers", "step", "IoU",
                [new("gIoU", at, [.. validations.Select(one => one.GeneralizedIoU)]), new("mIoU", at, [.. validations.Select(one => one.MeanIoU)])]));
            html.Chart(new LineChart("Held-out rows, how many objects", "step", "share of rows", [
                new("count right", at, [.. validations.Select(one => one.CountAccuracy)]),
                // All validations are of the same rows: all have absent things, or none has.
                .. validations.All(one => one.AbsentAccuracy is not null) ? [new ChartSeries("absent right", at, [.. validations.Select(one => one.AbsentAccuracy!.Value)])] : Array.Empty<ChartSeries>(),
            ]));
        }
        html.Heading("Curves");
        double[] axis = [.. steps.Select(step => (double)step.Step)];
        IReadOnlyDictionary<string, double>[] figures = [.. steps.Select(step => step.ToDictionary())];
        foreach (string name in Curves)
        {
            html.Chart(new LineChart(name, "step", name, [new(name, axis, [.. figures.Select(step => step[name])])])
            {
                SmoothingWindow = Math.Max(1, steps.Length / 10),
            });
        }
        AddFailures(html, steps);
        AddTimes(html, steps);
        AddSamples(html, folder, lines);
        if (start is not null)
        {
            html.Heading("Options");
            var table = new ReportTable("What training depended on", "Option", new TableColumn("Value", null));
            foreach ((string name, string value) in start.Course) table.AddRow(name, value);
            html.Table(table);
        }
        return html;
    }

    public static string Outcome(string folder, IReadOnlyList<RunLogLine> lines) =>
        lines.Select(line => line.End).LastOrDefault(found => found is not null) is { } end ? end.Outcome
        : RunFolder.IsHeld(folder) ? "still running"
        : "broken off without a word; resume it from its last checkpoint";

    private static void AddKeyFigures(HtmlReport html, GrpoStepMetrics[] steps, ValidationMetrics[] validations)
    {
        GrpoStepMetrics[] tail = [.. steps.TakeLast(Math.Max(1, steps.Length / 10))];
        var figures = new List<KeyFigure>
        {
            new("Reward", Text(tail.Average(step => step.Reward), "0.000"), $"mean over the last {tail.Length} steps; {Text(steps[0].Reward, "0.000")} at first"),
            new("Mask IoU", Text(tail.Average(step => step.MaskIoU), "0.000"), $"sampled answers; {Text(steps[0].MaskIoU, "0.000")} at first"),
            new("Failed answers", Text(tail.Average(step => step.FailedShare), "0.0%"), $"{Text(tail.Average(step => step.GroupsWithoutSpread), "0.0%")} of groups without spread"),
            new("Time", TimeSpan.FromSeconds(steps.Sum(step => step.Timing.Total)).ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture), $"{Text(tail.Average(step => step.Timing.Total), "0.00")} s a step"),
        };
        if (validations.MaxBy(one => one.GeneralizedIoU) is { } best)
            figures.Insert(0, new KeyFigure("Best validation", Text(best.GeneralizedIoU, "0.000"), $"gIoU at step {best.Step}; {Text(validations[0].GeneralizedIoU, "0.000")} at step {validations[0].Step}"));
        html.KeyFigures([.. figures]);
    }

    private static void AddFailures(HtmlReport html, GrpoStepMetrics[] steps)
    {
        FailedAnswerReason[] reasons = [.. steps.SelectMany(step => step.Failures.Keys).Distinct().Order()];
        if (reasons.Length == 0) return;
        html.Heading("Answers that could not be read");
        GrpoStepMetrics[] first = [.. steps.Take(Math.Max(1, steps.Length / 10))], last = [.. steps.TakeLast(first.Length)];
        var table = new ReportTable("How many, by what is wrong", "Reason",
            new TableColumn("In all", "0"), new TableColumn($"First {first.Length} steps", "0"), new TableColumn($"Last {last.Length} steps", "0"), new TableColumn("The latest", null));
        foreach (FailedAnswerReason reason in reasons)
        {
            int Count(IEnumerable<GrpoStepMetrics> counted) => counted.Sum(step => step.Failures.GetValueOrDefault(reason));
            GrpoStepMetrics latest = steps.Last(step => step.FailureExamples.ContainsKey(reason));
            table.AddRow(reason.ToString(), Count(steps), Count(first), Count(last), $"step {latest.Step}: {latest.FailureExamples[reason]}");
        }
        html.Table(table);
    }

    private static void AddTimes(HtmlReport html, GrpoStepMetrics[] steps)
    {
        html.Heading("Time");
        double total = steps.Average(step => step.Timing.Total);
        var table = new ReportTable("A step's time, mean", "Part", new TableColumn("Seconds", "0.0000"), new TableColumn("Share", "0.0%"));
        void Add(string part, Func<StepTiming, double> time)
        {
            double mean = steps.Average(step => time(step.Timing));
            table.AddRow(part, mean, total > 0 ? mean / total : 0);
        }
        Add("prompt", time => time.Prompt);
        Add("sampling", time => time.Sampling);
        Add("segmentation", time => time.Segmentation);
        Add("look-to-confirm", time => time.LookToConfirm);
        Add("rewards", time => time.Rewards);
        Add("update", time => time.Update);
        Add("the whole step", time => time.Total);
        html.Table(table);
    }

    private static void AddSamples(HtmlReport html, string folder, IReadOnlyList<RunLogLine> lines)
    {
        SampleSheetLine[] sheets = [.. lines.Select(line => line.Samples).OfType<SampleSheetLine>().Where(sheet => File.Exists(Path.Combine(folder, sheet.File)))];
        if (sheets.Length == 0) return;
        html.Heading("Sample answers");
        html.Paragraph("A row a query, a tile an answer: the truth outlined in white, the answer filled, with its box and point; below it the reward in green and the confidence in blue.");
        // The first and the last ones show what has changed.
        SampleSheetLine[] shown = sheets.Length <= ShownSheets ? sheets : [sheets[0], .. sheets[^(ShownSheets - 1)..]];
        html.Pictures(shown.Select(sheet => new ReportPicture(RgbImage.Load(Path.Combine(folder, sheet.File)),
            $"step {sheet.Step}: {string.Join(", ", sheet.Answers.Select(answer => answer.Query).Distinct())}")), columns: 1);
        var table = new ReportTable($"Answers at step {shown[^1].Step}", "Query",
            new TableColumn("Answer", null), new TableColumn("Reward", "0.000"), new TableColumn("Advantage", "0.00"), new TableColumn("Mask IoU", "0.000"), new TableColumn("Confidence", "0.00"));
        foreach (SampledAnswer answer in shown[^1].Answers)
            table.AddRow(answer.Query, answer.Answer, answer.Reward, answer.Advantage, answer.MaskIoU, (double?)answer.Confidence);
        html.Table(table);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
