using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A run from its first step, or its last checkpoint, to its end: takes examples, lets <see cref="GrpoLoop"/> step, says what
/// was measured, validates, and writes down what is needed to go on.
/// </summary>
internal sealed class GrpoRun : IDisposable
{
    private readonly GrpoOptions options;
    private readonly ICandidateReward? reward;
    private readonly GrpoRunEvents events;
    private readonly CancellationToken cancellation;
    private readonly RunFolder? folder;
    private readonly string baseModel;
    private readonly IReadOnlyDictionary<string, string> decisive;
    private readonly GrpoLoop loop;
    private readonly ExampleFeed feed;
    private readonly Validation? validation;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model to begin with; where a run is resumed, it is disposed and <see cref="Model"/> is another.</param>
    /// <param name="training">The examples to train on.</param>
    /// <param name="heldOut">The examples to validate on; null for no validation.</param>
    /// <param name="options">How to train.</param>
    /// <param name="reward">Values the candidates; null for their mask IoU.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="InvalidOperationException">The run's folder holds a run that is not to be resumed, or one of another course.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged or of another version.</exception>
    /// <exception cref="IOException">Another run writes to the folder, or it cannot be written.</exception>
    public GrpoRun(
        DrSegModel model, IExampleSource training, IExampleSource? heldOut, GrpoOptions options, ICandidateReward? reward, GrpoRunEvents events, CancellationToken cancellation)
    {
        (Model, this.reward, this.events, this.cancellation) = (model, reward, events, cancellation);
        this.options = options = options with { Validation = heldOut is null ? null : options.Validation ?? new() };
        validation = heldOut is null ? null : new Validation(heldOut, options.Validation!);
        folder = options.Run is { } run ? new RunFolder(run) : null;
        try
        {
            decisive = folder is null ? new Dictionary<string, string>() : options.Decisive(reward);
            baseModel = folder is null ? "" : model.Checksum();
            if (folder is { HasCheckpoint: true })
            {
                (loop, DataPosition position) = Resume();
                feed = Feed(training, position);
            }
            else
            {
                loop = new GrpoLoop(Model, options, reward);
                feed = Feed(training, default);
            }
            folder?.Begin(loop.StepsDone, new RunStart(options.Steps, decisive));
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
                SegmentationExample[] batch = feed.Take(options.Sampling.QueriesPerStep);
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

    private ExampleFeed Feed(IExampleSource source, DataPosition start) =>
        new(source, start, options.Sampling, options.Seed, problem => events.Warned?.Invoke($"Left out: {problem}"));

    // Between two steps: the step under way is finished and written down.
    private void StopIfCancelled()
    {
        if (!cancellation.IsCancellationRequested) return;
        if (folder is null) cancellation.ThrowIfCancellationRequested();
        if (loop.StepsDone > 0) WriteCheckpoint();
        folder!.End(loop.StepsDone, "cancelled");
        throw new OperationCanceledException(
            $"Training was stopped after step {loop.StepsDone} of {options.Steps}. To go on, train again with the same options, the run's folder '{options.Run!.Folder}' and Run.{nameof(RunOptions.Resume)} set (drseg: --resume).",
            cancellation);
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
            events.Warned?.Invoke($"The run's log and report could not be finished: {second.Message}");
        }
    }

    private void Report(GrpoStepMetrics metrics, SampleSheet? sheet)
    {
        events.Stepped?.Invoke(metrics);
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
        events.Validated?.Invoke(metrics);
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
            Course = decisive,
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
            resumed = new GrpoLoop(model, options, reward);
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
        events.Resumed?.Invoke(state.Step);
        return (resumed, state.Data);
    }

    // A run of another course would go on without a word, and be neither the one nor the other.
    private void Compare(TrainingCheckpoint state, DrSegModel model)
    {
        string from = $"Cannot resume the run in '{options.Run!.Folder}'";
        if (!JsonElement.DeepEquals(model.Describe(), Model.Describe()))
            throw new InvalidOperationException($"{from}: its model is of another kind, or has other sizes or words, than the base model given. Resume with the base model that it began with.");
        // An option that one of the two does not know is none there.
        string Now(string option) => decisive.GetValueOrDefault(option) ?? OptionReading.Text(null);
        string Then(string option) => state.Course.GetValueOrDefault(option) ?? OptionReading.Text(null);
        string[] differences = [.. decisive.Keys.Union(state.Course.Keys).Where(option => Now(option) != Then(option))
            .Select(option => $"{option} is {Now(option)}, was {Then(option)}")];
        if (differences.Length > 0)
            throw new InvalidOperationException($"{from}: it began with other options: {string.Join("; ", differences)}. Resume with the options that it began with, or begin in another folder.");
        if (state.BaseModel != baseModel)
            throw new InvalidOperationException($"{from}: it began with another base model (its weights' checksum is {state.BaseModel[..12]}, not {baseModel[..12]}). Resume with the base model that it began with.");
    }
}
