using System.Globalization;
using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Writes every step of a run as a line of CSV: stage, step, metric, value.</summary>
internal sealed class StepLog : IProgress<TrainingProgress>, IDisposable
{
    private readonly StreamWriter _writer;
    private readonly IProgress<TrainingProgress>? _next;
    private readonly int _every;

    /// <param name="path">The file; replaced.</param>
    /// <param name="every">Log each stage's steps that are multiples of this, and its last.</param>
    /// <param name="next">Told of every step too.</param>
    public StepLog(string path, int every, IProgress<TrainingProgress>? next)
    {
        _every = every;
        _next = next;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _writer = new StreamWriter(path) { AutoFlush = true };
        _writer.WriteLine("stage,step,metric,value");
    }

    public void Report(TrainingProgress value)
    {
        _next?.Report(value);
        if (value.Step % _every != 0 && value.Step != value.Steps) return;
        foreach ((string metric, double number) in value.Metrics)
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Stage},{value.Step},{metric},{number:G6}"));
    }

    public void Dispose() => _writer.Dispose();
}
