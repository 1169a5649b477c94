using System.Diagnostics;
using Microsoft.ML.DrSeg.Common;
using Spectre.Console;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One progress bar with the time left for every stage of a run.</summary>
internal sealed class ConsoleProgress(ProgressContext context) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private long _lastUpdate;

    /// <summary>Shows bars while work is done.</summary>
    public static T Show<T>(Func<ConsoleProgress, T> work)
    {
        T? result = default;
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new ElapsedTimeColumn())
            .Start(context => result = work(new ConsoleProgress(context)));
        return result!;
    }

    /// <summary>The same bar under another name, for a stage that comes several times.</summary>
    public IProgress<TrainingProgress> Named(string name) => new Renamed(this, name);

    /// <summary>Safe to call from several threads at once.</summary>
    public void Report(TrainingProgress value)
    {
        lock (_tasks) Show(value);
    }

    private void Show(TrainingProgress value)
    {
        if (!_tasks.TryGetValue(value.Stage, out ProgressTask? task))
            _tasks.Add(value.Stage, task = context.AddTask(value.Stage.EscapeMarkup(), maxValue: value.Steps));
        task.Value = value.Step;
        bool last = value.Step == value.Steps;
        if (!last && Stopwatch.GetElapsedTime(_lastUpdate) < Interval) return;
        _lastUpdate = Stopwatch.GetTimestamp();
        IEnumerable<string> shown = value.Metrics.Where(metric => metric.Key is "loss" or "mask IoU").Select(metric => $"{metric.Key} {metric.Value:0.000}");
        task.Description = string.Join("  ", shown.Prepend(value.Stage)).EscapeMarkup();
    }

    private sealed class Renamed(ConsoleProgress target, string name) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => target.Report(value with { Stage = name });
    }
}
