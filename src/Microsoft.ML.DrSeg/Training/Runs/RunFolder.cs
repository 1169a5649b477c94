using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The folder of one run: <c>checkpoints/</c>, <c>log.jsonl</c>, <c>samples/</c>, TensorBoard's events and
/// <c>report.html</c>. While a run writes to it, <c>run.lock</c> is held.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    public const string LogFile = "log.jsonl", ReportFile = "report.html";

    private const string Checkpoints = "checkpoints", Samples = "samples", LockFile = "run.lock";

    private readonly RunOptions _options;
    private readonly FileStream _held;
    private readonly CheckpointFolder _checkpoints;
    private RunLog? _log;
    private TensorBoardWriter? _board;

    public RunFolder(RunOptions options)
    {
        _options = options;
        Directory.CreateDirectory(options.Folder);
        _held = Hold(options.Folder);
        try
        {
            _checkpoints = new CheckpointFolder(Path.Combine(options.Folder, Checkpoints), options.KeepCheckpoints);
            if (!options.Resume && (_checkpoints.Latest is not null || File.Exists(LogPath)))
                throw new InvalidOperationException($"'{options.Folder}' holds a run already. Set Run.{nameof(RunOptions.Resume)} (drseg: --resume) to go on with it, or choose another folder.");
        }
        catch
        {
            _held.Dispose();
            throw;
        }
    }

    public bool HasCheckpoint => LatestCheckpoint is not null;

    public string? LatestCheckpoint => _checkpoints.Latest;

    private string LogPath => Path.Combine(_options.Folder, LogFile);

    /// <summary>Whether a process is writing to a run's folder now.</summary>
    public static bool IsHeld(string folder)
    {
        if (!File.Exists(Path.Combine(folder, LockFile))) return false;
        try
        {
            Hold(folder).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public (TrainingCheckpoint State, DrSegModel Model, Dictionary<string, (long[] Shape, float[] Values)> Tensors) ReadCheckpoint(Device device) =>
        _checkpoints.ReadLatest(device);

    /// <summary>Opens log and events to go on with after a step; 0 begins anew.</summary>
    /// <param name="isLonger">Whether the run goes on for more steps than it set out to.</param>
    public void Begin(int step, RunStart start, bool isLonger = false)
    {
        _log = RunLog.Open(LogPath, step);
        if (step == 0 || isLonger) _log.Write(new RunLogLine { Start = start });
        _board = _options.TensorBoard ? new TensorBoardWriter(_options.Folder, step) : null;
    }

    public void Write(GrpoStepMetrics metrics)
    {
        _log!.Write(new RunLogLine { Step = metrics });
        _board?.Write(metrics.Step, metrics.ToDictionary().Select(figure => ($"train/{figure.Key}", figure.Value)));
    }

    public void Write(ValidationMetrics metrics)
    {
        _log!.Write(new RunLogLine { Validation = metrics });
        _board?.Write(metrics.Step, [
            ("validation/gIoU", metrics.GeneralizedIoU), ("validation/mIoU", metrics.MeanIoU),
            ("validation/cIoU", metrics.CumulativeIoU), ("validation/failed", metrics.FailedShare),
            ("validation/count right", metrics.CountAccuracy),
            .. metrics.AbsentAccuracy is { } absent ? [("validation/absent right", absent)] : Array.Empty<(string, double)>()]);
    }

    public void Write(int step, SampleSheet sheet)
    {
        string file = Path.Combine(Samples, $"step-{step:D8}.png");
        sheet.Save(Path.Combine(_options.Folder, file));
        _log!.Write(new RunLogLine { Samples = new(step, file.Replace('\\', '/'), sheet.Answers) });
    }

    /// <summary>Writes a checkpoint, once the log up to it is on disk.</summary>
    public void Write(TrainingCheckpoint state, DrSegModel model, IReadOnlyDictionary<string, Tensor> tensors)
    {
        _log!.Flush();
        _checkpoints.Write(state, model, tensors);
    }

    public void End(int step, string outcome)
    {
        _log!.Write(new RunLogLine { End = new(step, outcome) });
        _log.Flush();
        TrainingReport.Write(_options.Folder);
    }

    public void Dispose()
    {
        _log?.Dispose();
        _board?.Dispose();
        _held.Dispose();
    }

    private static FileStream Hold(string folder)
    {
        string path = Path.Combine(folder, LockFile);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"Another run writes to '{folder}' ('{path}' is held): {error.Message} Wait for it or choose another folder.", error);
        }
    }
}
