using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A run from its first step, or its last checkpoint, to its end: takes examples, lets <see cref="GrpoLoop"/> step, says what
/// was measured, validates, and writes down what is needed to go on.
/// </summary>
internal sealed class GrpoRun : IDisposable
{
    private readonly GrpoSegmentationTrainer.Options options;
    private readonly IChannel channel;
    private readonly RunFolder? folder;
    private readonly string baseModel;
    private readonly IReadOnlyDictionary<string, string> course;
    private readonly GrpoLoop loop;
    private readonly ExampleFeed feed;
    private readonly Validation? validation;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model to begin with; where a run is resumed, it is disposed and <see cref="Model"/> is another.</param>
    /// <param name="data">The rows to train on.</param>
    /// <param name="options">Everything else.</param>
    /// <param name="channel">Where to log.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">The run's folder holds a run that is not to be resumed, or one of another course.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged or of another version.</exception>
    /// <exception cref="IOException">Another run writes to the folder, or it cannot be written.</exception>
    public GrpoRun(DrSegModel model, IDataView data, GrpoSegmentationTrainer.Options options, IChannel channel)
    {
        (Model, this.options, this.channel) = (model, options, channel);
        var rows = Rows(data);
        validation = options.Validation is { } held ? new Validation(Rows(held.Data), held) : null;
        folder = options.Run is { } run ? new RunFolder(run) : null;
        try
        {
            course = folder is null ? new Dictionary<string, string>() : options.Course();
            baseModel = folder is null ? "" : model.Checksum();
            if (folder is { HasCheckpoint: true })
            {
                (loop, DataPosition position) = Resume();
                feed = Feed(rows, position);
            }
            else
            {
                loop = new GrpoLoop(Model, options);
                feed = Feed(rows, default);
            }
            folder?.Begin(loop.StepsDone, new RunStart(options.Steps, course));
        }
        catch
        {
            feed?.Dispose();
            loop?.Dispose();
            folder?.Dispose();
            if (Model != model) Model.Dispose();
            throw;
        }
        if (Model != model) model.Dispose();
    }

    /// <summary>The model in training; the caller disposes it.</summary>
    public DrSegModel Model { get; private set; }

    /// <summary>Trains to the end.</summary>
    /// <exception cref="OperationCanceledException">Training was asked to stop; where there is a folder, a checkpoint was written first.</exception>
    public void Train()
    {
        try
        {
            while (loop.StepsDone < options.Steps && validation is not { ShouldStop: true })
            {
                StopIfCancelled();
                SegmentationExample[] batch = feed.Take(options.QueriesPerStep);
                SampleSheet? sheet = null;
                GrpoStepMetrics metrics = loop.Step(batch, feed.Take,
                    IsDue(options.Run?.SampleEveryNSteps ?? 0) ? (rollout, scored) => sheet = SampleSheet.Draw(rollout, scored, Model) : null);
                metrics = metrics with { SkippedRows = feed.Position.Skipped };
                Report(metrics, sheet);
                bool isBest = Validate();
                if (isBest || loop.StepsDone == options.Steps || validation is { ShouldStop: true } || loop.StepsDone % (options.Run?.CheckpointEveryNSteps ?? 1) == 0)
                    WriteCheckpoint();
            }
            folder?.End(loop.StepsDone, loop.StepsDone == options.Steps ? "finished" : $"stopped early: {options.Validation!.Patience} validations without a better one");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            SayThatItFailed(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        feed.Dispose();
        loop.Dispose();
        folder?.Dispose();
    }

    private ExampleRows Rows(IDataView data) =>
        new(data, options.ImageColumnName, options.QueryColumnName, options.LabelColumnName, Model.Policy.CheckQuery, options.ObjectsColumnName);

    private ExampleFeed Feed(ExampleRows rows, DataPosition start) => new(rows, start, options, problem =>
        channel.Warning(MessageSensitivity.None, $"Left out: {problem}"));

    // Between two steps: the step under way is finished and written down.
    private void StopIfCancelled()
    {
        if (!options.CancellationToken.IsCancellationRequested) return;
        if (folder is null) options.CancellationToken.ThrowIfCancellationRequested();
        if (loop.StepsDone > 0) WriteCheckpoint();
        folder!.End(loop.StepsDone, "cancelled");
        throw new OperationCanceledException(
            $"Training was stopped after step {loop.StepsDone} of {options.Steps}. To go on, train again with the same options, the run's folder '{options.Run!.Folder}' and Run.{nameof(RunOptions.Resume)} set (drseg: --resume).",
            options.CancellationToken);
    }

    // Where the disk is full the log cannot be written either: the first failure is the one to be told.
    private void SayThatItFailed(Exception error)
    {
        try
        {
            folder?.End(loop.StepsDone, $"failed: {error.Message}");
        }
        catch (IOException second)
        {
            channel.Warning(MessageSensitivity.None, $"The run's log and report could not be finished: {second.Message}");
        }
    }

    private void Report(GrpoStepMetrics metrics, SampleSheet? sheet)
    {
        options.Progress?.Report(metrics);
        if (options.LogEveryNSteps > 0 && (metrics.Step % options.LogEveryNSteps == 0 || metrics.Step == options.Steps))
            channel.Info(MessageSensitivity.None, Line(metrics));
        folder?.Write(metrics);
        if (sheet is not null) folder!.Write(metrics.Step, sheet);
    }

    private bool Validate()
    {
        if (validation is null || !validation.IsDue(loop.StepsDone, options.Steps)) return false;
        ValidationMetrics metrics;
        try
        {
            metrics = validation.Run(Model, loop.StepsDone);
        }
        catch (NonFiniteScoreException error)
        {
            throw TrainingDivergedException.After(error, $"the validation after step {loop.StepsDone}");
        }
        channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
            $"Validation after step {metrics.Step}: gIoU {metrics.GeneralizedIoU:0.####}, mIoU {metrics.MeanIoU:0.####}, failed {metrics.FailedShare:0.####}, {metrics.Queries} rows{(metrics.IsBest ? ", the best so far" : "")}"));
        options.ValidationProgress?.Report(metrics);
        folder?.Write(metrics);
        return metrics.IsBest;
    }

    private bool IsDue(int every) => every > 0 && (loop.StepsDone + 1) % every == 0;

    private void WriteCheckpoint()
    {
        if (folder is null) return;
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        (int updates, long[] parameterSteps) = loop.Save(tensors);
        folder.Write(new TrainingCheckpoint
        {
            Version = TrainingCheckpoint.FormatVersion,
            Step = loop.StepsDone,
            Updates = updates,
            ParameterSteps = parameterSteps,
            Data = feed.Position,
            Reward = loop.Reward.SaveState(),
            Validation = validation?.State ?? new(null, 0),
            Course = course,
            BaseModel = baseModel,
        }, Model, tensors);
    }

    private (GrpoLoop Loop, DataPosition Position) Resume()
    {
        (TrainingCheckpoint state, DrSegModel model, var tensors) = folder!.ReadCheckpoint(Model.Device);
        GrpoLoop? resumed = null;
        try
        {
            Compare(state, model);
            resumed = new GrpoLoop(model, options);
            resumed.Restore(state, tensors);
        }
        catch
        {
            resumed?.Dispose();
            model.Dispose();
            throw;
        }
        if (validation is not null) validation.State = state.Validation;
        Model = model;
        channel.Info(MessageSensitivity.None, $"Resumed after step {state.Step} of {options.Steps} from '{options.Run!.Folder}'.");
        return (resumed, state.Data);
    }

    // A run of another course would go on without a word, and be neither the one nor the other.
    private void Compare(TrainingCheckpoint state, DrSegModel model)
    {
        string from = $"Cannot resume the run in '{options.Run!.Folder}'";
        if (!JsonElement.DeepEquals(model.Describe(), Model.Describe()))
            throw new InvalidOperationException($"{from}: its model is of another kind, or has other sizes or words, than the base model given. Resume with the base model that it began with.");
        string[] differences = [.. course.Where(option => state.Course.GetValueOrDefault(option.Key) != option.Value)
            .Select(option => $"{option.Key} is {option.Value}, was {state.Course.GetValueOrDefault(option.Key) ?? "not there"}")];
        if (differences.Length > 0)
            throw new InvalidOperationException($"{from}: it began with other options: {string.Join("; ", differences)}. Resume with the options that it began with, or begin in another folder.");
        if (state.BaseModel != baseModel)
            throw new InvalidOperationException($"{from}: it began with another base model (its weights' checksum is {state.BaseModel[..12]}, not {baseModel[..12]}). Resume with the base model that it began with.");
    }

    private static string Line(GrpoStepMetrics metrics)
    {
        IEnumerable<string> figures = metrics.ToDictionary().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:0.####}"));
        return string.Create(CultureInfo.InvariantCulture, $"Step {metrics.Step} of {metrics.Steps}: {string.Join(", ", figures)}");
    }
}
