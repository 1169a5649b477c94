using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Spectre.Console;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// Shows how far the checkpoints of a real model are read, one after the other: as bars, or, where output is no terminal, in a line on
/// the error stream every ten seconds.
/// </summary>
internal sealed class LoadingProgress : IProgress<double>
{
    private const int Whole = 1000;
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);
    private static readonly Dictionary<string, double> Nothing = [];

    private readonly ConsoleProgress? _bars;
    private readonly Queue<string> _stages = new(["load the language model", "load the segmenter"]);
    private double _last = double.PositiveInfinity;
    private string _stage = "";
    private long _lastLine = Stopwatch.GetTimestamp();

    private LoadingProgress(ConsoleProgress? bars) => _bars = bars;

    /// <summary>Shows the progress while work is done.</summary>
    public static T Show<T>(Func<LoadingProgress, T> work) =>
        AnsiConsole.Profile.Capabilities.Interactive ? ConsoleProgress.Show(bars => work(new LoadingProgress(bars))) : work(new LoadingProgress(null));

    public void Report(double value)
    {
        // It begins anew with every checkpoint.
        if (value < _last && _stages.TryDequeue(out string? next)) _stage = next;
        _last = value;
        _bars?.Report(new TrainingProgress(_stage, (int)(value * Whole), Whole, Nothing));
        if (_bars is not null || Stopwatch.GetElapsedTime(_lastLine) < LineInterval) return;
        _lastLine = Stopwatch.GetTimestamp();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_stage}: {value:0%}"));
    }
}
