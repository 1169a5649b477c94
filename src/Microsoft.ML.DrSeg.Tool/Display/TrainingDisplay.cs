using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// Shows a run while it goes on: step, rate and time left, the reward's curve, and the figures to keep an eye on. Where
/// output is no terminal, a line every ten seconds.
/// </summary>
internal sealed class TrainingDisplay : IProgress<GrpoStepMetrics>, IProgress<ValidationMetrics>, IDisposable
{
    private const int CurveWidth = 60;
    private const int RateWindow = 20;
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(250), LineInterval = TimeSpan.FromSeconds(10);

    private readonly List<double> _rewards = [];
    private readonly Queue<double> _seconds = new();
    private readonly ManualResetEventSlim _finished = new();
    private readonly Lock _guard = new();
    private ValidationMetrics? _validated, _best;
    private GrpoStepMetrics? _latest;
    private string _warning = "";
    private long _lastLine;

    /// <summary>Called once, with the first step.</summary>
    public event Action? Began;

    /// <summary>Shows the display while work is done.</summary>
    public T Show<T>(Func<T> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive) return work();
        return AnsiConsole.Live(Draw()).Start(context =>
        {
            var drawing = Task.Run(() =>
            {
                while (!_finished.Wait(LiveInterval)) context.UpdateTarget(Draw());
            });
            try
            {
                return work();
            }
            finally
            {
                _finished.Set();
                drawing.Wait();
                context.UpdateTarget(Draw());
            }
        });
    }

    public void Report(GrpoStepMetrics value)
    {
        bool first;
        lock (_guard)
        {
            first = _latest is null;
            _latest = value;
            _rewards.Add(value.Reward);
            _seconds.Enqueue(value.Timing.Total);
            if (_seconds.Count > RateWindow) _seconds.Dequeue();
        }
        if (first) Began?.Invoke();
        if (AnsiConsole.Profile.Capabilities.Interactive) return;
        if (!first && value.Step != value.Steps && Stopwatch.GetElapsedTime(_lastLine) < LineInterval) return;
        _lastLine = Stopwatch.GetTimestamp();
        Console.WriteLine(Line(value));
    }

    public void Report(ValidationMetrics value)
    {
        lock (_guard)
        {
            _validated = value;
            if (value.IsBest) _best = value;
        }
        if (!AnsiConsole.Profile.Capabilities.Interactive) Console.WriteLine(Line(value));
    }

    /// <summary>Shows what the trainer says beside its figures: rows left out, a run resumed.</summary>
    public void Log(LoggingEventArgs entry)
    {
        bool isWarning = entry.Message.Contains("Kind=Warning", StringComparison.Ordinal);
        if (!isWarning) return;
        lock (_guard) _warning = entry.Message;
        if (!AnsiConsole.Profile.Capabilities.Interactive) Console.Error.WriteLine(entry.Message);
    }

    public void Dispose() => _finished.Dispose();

    private Rows Draw()
    {
        lock (_guard)
        {
            if (_latest is not { } now) return new Rows(new Text("preparing ..."));
            var lines = new List<IRenderable>
            {
                new Text(Line(now)),
                new Text($"reward  {Sparkline(_rewards)}"),
                new Text(string.Create(CultureInfo.InvariantCulture,
                    $"failed {now.FailedShare:0.0%}  without spread {now.GroupsWithoutSpread:0.0%}  divergence {now.Divergence:0.0000}  clipped {now.ClippedShare:0.0%}  entropy {now.Entropy:0.00}  gradient {now.GradientNorm:0.00}")),
            };
            if (_validated is not null) lines.Add(new Text($"{Line(_validated)}{(_best is null || _best == _validated ? "" : string.Create(CultureInfo.InvariantCulture, $" (best {_best.GeneralizedIoU:0.000} at step {_best.Step})"))}"));
            if (_warning.Length > 0) lines.Add(new Text(_warning, new Style(Color.Yellow)));
            return new Rows(lines);
        }
    }

    private string Line(GrpoStepMetrics value)
    {
        double perStep = _seconds.Average();
        var left = TimeSpan.FromSeconds(perStep * (value.Steps - value.Step));
        return string.Create(CultureInfo.InvariantCulture,
            $"step {value.Step} of {value.Steps}  {1 / perStep:0.00} steps/s  {Left(left)} left  reward {value.Reward:0.000}  mask IoU {value.MaskIoU:0.000}");
    }

    // As "2:05:09": hours may go beyond a day.
    private static string Left(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");

    private static string Line(ValidationMetrics value) => string.Create(CultureInfo.InvariantCulture,
        $"validation at step {value.Step}: gIoU {value.GeneralizedIoU:0.000}  mIoU {value.MeanIoU:0.000}  failed {value.FailedShare:0.0%}  count right {value.CountAccuracy:0.0%}{(value.AbsentAccuracy is { } absent ? string.Create(CultureInfo.InvariantCulture, $"  absent right {absent:0.0%}") : "")}");

    /// <summary>The values from first to last as one line of blocks, each the mean of as many steps.</summary>
    internal static string Sparkline(IReadOnlyList<double> values)
    {
        int width = Math.Min(CurveWidth, values.Count);
        if (width == 0) return "";
        double[] means = [.. Enumerable.Range(0, width).Select(i =>
        {
            int from = (int)((long)i * values.Count / width), to = (int)((long)(i + 1) * values.Count / width);
            return values.Skip(from).Take(to - from).Average();
        })];
        double least = means.Min(), range = means.Max() - least;
        return string.Concat(means.Select(mean => Blocks[range > 0 ? (int)Math.Round((mean - least) / range * (Blocks.Length - 1)) : 0]));
    }
}
