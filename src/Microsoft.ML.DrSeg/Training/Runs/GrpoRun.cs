using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
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
    // Rounding in bfloat16 stays below it; a penalty or a forgotten temperature does not.
    private const double LargestRatioGap = 0.25;

    private readonly GrpoOptions _options;
    private readonly ICandidateReward? _reward;
    private readonly GrpoRunEvents _events;
    private readonly CancellationToken _cancellation;
    private readonly IProcessGroup _group;

    // Of the first process alone.
    private readonly RunFolder? _folder;
    private readonly string _baseModel;
    private readonly IReadOnlyDictionary<string, string> _decisive;
    private readonly GrpoLoop _loop;
    private readonly ExampleFeed _feed;
    private readonly Validation? _validation;
    private bool _ratioWarned, _isLonger;

    /// <param name="model">The model to begin with; where a run is resumed, it is disposed and <see cref="Model"/> is another.</param>
    /// <param name="heldOut">The examples to validate on; null for no validation.</param>
    /// <param name="events">Told of what happens; of a group of processes the first one's are.</param>
    /// <param name="cancellation">Stops between two steps; all processes, where one of them is asked to.</param>
    /// <param name="group">The processes that share the run; null for this one alone.</param>
    public GrpoRun(
        DrSegModel model, IExampleSource training, IExampleSource? heldOut, GrpoOptions options, ICandidateReward? reward, GrpoRunEvents events, CancellationToken cancellation,
        IProcessGroup? group = null)
    {
        _group = group ?? SingleProcess.Instance;
        (Model, _reward, _events, _cancellation) = (model, reward, _group.Rank == 0 ? events : new(), cancellation);
        _options = options = options with { Validation = heldOut is null ? null : options.Validation ?? new() };
        _validation = heldOut is null ? null : new Validation(heldOut, options.Validation!, _group);
        _folder = options.Run is { } run && _group.Rank == 0 ? new RunFolder(run) : null;
        try
        {
            bool isCompared = options.Run is not null || _group.Size > 1;
            _decisive = isCompared ? options.Decisive(reward) : new Dictionary<string, string>();
            _baseModel = options.Run is not null || (isCompared && model.KnownFormat is not null) ? model.Checksum() : "";
            GroupAgreement.RequireSame(_group, _decisive, _baseModel);
            if (_group.First(_folder is { HasCheckpoint: true }))
            {
                (_loop, DataPosition position) = Resume();
                _feed = Feed(training, position);
            }
            else
            {
                _loop = new GrpoLoop(Model, options, reward, _group);
                _feed = Feed(training, default);
            }
            _folder?.Begin(_loop.StepsDone, new RunStart(options.Steps, _decisive), isLonger: _isLonger);
        }
        catch
        {
            _feed?.Dispose();
            _loop?.Dispose();
            _folder?.Dispose();
            if (Model != model) Model.Dispose();
            throw;
        }
        if (Model != model) model.Dispose();
    }

    /// <summary>The model in training; the caller disposes it.</summary>
    public DrSegModel Model { get; private set; }

    public void Train()
    {
        try
        {
            while (_loop.StepsDone < _options.Steps && _validation is not { ShouldStop: true })
            {
                StopIfCancelled();
                SegmentationExample[] batch = _feed.Take(_options.Sampling.QueriesPerStep);
                GroupAgreement.RequireSame(_group, _loop.StepsDone + 1, batch);
                SampleSheet? sheet = null;
                GrpoStepMetrics metrics = _loop.Step(batch, _feed.Take,
                    _group.Rank == 0 && IsDue(_options.Run?.SampleEveryNSteps ?? 0) ? (rollout, scored) => sheet = SampleSheet.Draw(rollout, scored, Model) : null);
                metrics = metrics with { SkippedRows = _feed.Position.Skipped };
                Report(metrics, sheet);
                if (_loop.StepsDone == _options.Steps) LearnThreshold();
                bool isBest = Validate();
                if (isBest || _loop.StepsDone == _options.Steps || _validation is { ShouldStop: true } || _loop.StepsDone % (_options.Run?.CheckpointEveryNSteps ?? 1) == 0)
                    WriteCheckpoint();
            }
            _folder?.End(_loop.StepsDone, _loop.StepsDone == _options.Steps ? "finished" : $"stopped early: {_options.Validation!.Patience} validations without a better one");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            SayThatItFailed(error);
            throw;
        }
    }

    public void Dispose()
    {
        _feed.Dispose();
        _loop.Dispose();
        _folder?.Dispose();
    }

    private ExampleFeed Feed(IExampleSource source, DataPosition start) =>
        new(source, start, _options.Sampling, _options.Seed, problem => _events.Warned?.Invoke($"Left out: {problem}"));

    private void LearnThreshold()
    {
        if (_options.ThresholdExamples == 0) return;
        var learning = new ThresholdLearning(Model, _options.Sampling.LookToConfirm ?? new(), (ulong)_options.Seed);
        for (int taken = 0, batch = 0; taken < _options.ThresholdExamples; batch++)
        {
            StopIfCancelled();
            SegmentationExample[] examples = _feed.Take(Math.Min(_options.Sampling.QueriesPerStep, _options.ThresholdExamples - taken));
            if (_group.IsOwn(batch)) learning.Add(examples);
            taken += examples.Length;
        }
        Model.Threshold = learning.Threshold(ConfidenceThreshold.UsualCost, _group);
    }

    // Between two steps: the step under way is finished and written down.
    private void StopIfCancelled()
    {
        if (!_group.Any(_cancellation.IsCancellationRequested)) return;
        if (_options.Run is null) throw new OperationCanceledException(_cancellation);
        if (_loop.StepsDone > 0) WriteCheckpoint();
        _folder?.End(_loop.StepsDone, "cancelled");
        throw new OperationCanceledException(
            $"Training was stopped after step {_loop.StepsDone} of {_options.Steps}. To go on, train again with the same options, the run's folder '{_options.Run!.Folder}' and Run.{nameof(RunOptions.Resume)} set (drseg: --resume).",
            _cancellation);
    }

    // Where the disk is full the log cannot be written either: the first failure is the one to be told.
    private void SayThatItFailed(Exception error)
    {
        try
        {
            _folder?.End(_loop.StepsDone, $"failed: {error.Message}");
        }
        catch (IOException second)
        {
            _events.Warned?.Invoke($"The run's log and report could not be finished: {second.Message}");
        }
    }

    private void Report(GrpoStepMetrics metrics, SampleSheet? sheet)
    {
        if (metrics.RatioGap > LargestRatioGap && !_ratioWarned)
        {
            _ratioWarned = true;
            _events.Warned?.Invoke(
                FormattableString.Invariant($"At step {metrics.Step} a token's probability when scored differs from that when it was drawn by {metrics.RatioGap:0.0%}, though no weight has changed in between: the policy draws from another distribution than it is trained on. Look for a temperature, a penalty or a cut-off in drawing, or for a precision too low."));
        }
        _events.Stepped?.Invoke(metrics);
        _folder?.Write(metrics);
        if (sheet is not null) _folder!.Write(metrics.Step, sheet);
    }

    private bool Validate()
    {
        if (_validation is null || !_validation.IsDue(_loop.StepsDone, _options.Steps)) return false;
        ValidationMetrics metrics;
        try
        {
            metrics = _validation.Run(Model, _loop.StepsDone);
        }
        catch (NonFiniteScoreException error)
        {
            throw TrainingDivergedException.After(error, $"the validation after step {_loop.StepsDone}");
        }
        _events.Validated?.Invoke(metrics);
        _folder?.Write(metrics);
        return metrics.IsBest;
    }

    private bool IsDue(int every) => every > 0 && (_loop.StepsDone + 1) % every == 0;

    private void WriteCheckpoint()
    {
        if (_folder is null) return;
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        (OptimizerProgress policy, OptimizerProgress? confirmation) = _loop.Save(tensors);
        _folder.Write(new TrainingCheckpoint
        {
            Version = TrainingCheckpoint.FormatVersion,
            Step = _loop.StepsDone,
            Updates = policy.Updates,
            ParameterSteps = policy.ParameterSteps,
            Confirmation = confirmation,
            Data = _feed.Position,
            Reward = _loop.Reward.SaveState(),
            Validation = _validation?.State ?? new(null, 0),
            Course = _decisive,
            BaseModel = _baseModel,
        }, Model, tensors);
    }

    private (GrpoLoop Loop, DataPosition Position) Resume()
    {
        (TrainingCheckpoint state, DrSegModel model, var tensors) = ReadCheckpoint();
        GrpoLoop? resumed = null;
        try
        {
            Compare(state, model);
            resumed = new GrpoLoop(model, _options, _reward, _group);
            resumed.Restore(state, tensors);
        }
        catch
        {
            resumed?.Dispose();
            model.Dispose();
            throw;
        }
        if (_validation is not null) _validation.State = state.Validation;
        Model = model;
        _events.Resumed?.Invoke(state.Step);
        return (resumed, state.Data);
    }

    // The first process's files need not be there for the others.
    private (TrainingCheckpoint State, DrSegModel Model, Dictionary<string, (long[] Shape, float[] Values)> Tensors) ReadCheckpoint() => _group.Size == 1
        ? _folder!.ReadCheckpoint(Model.Device)
        : _group.FromFirst(_folder?.LatestCheckpoint ?? "", path => _folder is null ? TrainingCheckpoint.Read(path, Model.Device) : _folder.ReadCheckpoint(Model.Device));

    private static bool IsYounger(string option) => option is nameof(GrpoOptions.ThresholdExamples) or nameof(OptimizerOptions.ConfirmationLearningRate)
        or $"{nameof(SamplingOptions.LookToConfirm)}.{nameof(LookToConfirmOptions.NothingMargin)}";

    // A run of another course would go on without a word, and be neither the one nor the other.
    private void Compare(TrainingCheckpoint state, DrSegModel model)
    {
        string from = $"Cannot resume the run in '{_options.Run!.Folder}'";
        if (model.Format.Name != Model.Format.Name || !JsonElement.DeepEquals(model.Describe(), Model.Describe()))
            throw new InvalidOperationException($"{from}: its model is of another kind, or has other sizes or words, than the base model given. Resume with the base model that it began with.");
        // An option that one of the two does not know is none there; one that is younger than the checkpoint had its default.
        bool looked = state.Course.Keys.Any(option => option.StartsWith($"{nameof(SamplingOptions.LookToConfirm)}.", StringComparison.Ordinal));
        IReadOnlyDictionary<string, string> usual = new GrpoOptions { Sampling = new() { LookToConfirm = looked ? new() : null } }.Decisive(null);
        string Now(string option) => _decisive.GetValueOrDefault(option) ?? OptionReading.Text(null);
        string Then(string option) => state.Course.GetValueOrDefault(option) ?? (IsYounger(option) ? usual.GetValueOrDefault(option) : null) ?? OptionReading.Text(null);
        // More steps are a longer run: from here on the learning rate is what the longer schedule has.
        _isLonger = int.TryParse(Then(nameof(GrpoOptions.Steps)), NumberStyles.None, CultureInfo.InvariantCulture, out int before) && _options.Steps > before;
        string[] differences = [.. _decisive.Keys.Union(state.Course.Keys).Where(option => Now(option) != Then(option) && !(_isLonger && option == nameof(GrpoOptions.Steps)))
            .Select(option => $"{option} is {Now(option)}, was {Then(option)}")];
        if (differences.Length > 0)
            throw new InvalidOperationException($"{from}: it began with other options: {string.Join("; ", differences)}. Resume with the options that it began with, or begin in another folder.");
        if (state.BaseModel != _baseModel)
            throw new InvalidOperationException($"{from}: it began with another base model (its weights' checksum is {state.BaseModel[..12]}, not {_baseModel[..12]}). Resume with the base model that it began with.");
    }
}

/// <summary>Who is told what happens in a run; null for nobody.</summary>
internal sealed record GrpoRunEvents
{
    /// <summary>Told the step after which the run goes on, where it is resumed.</summary>
    public Action<int>? Resumed { get; init; }

    public Action<GrpoStepMetrics>? Stepped { get; init; }

    public Action<ValidationMetrics>? Validated { get; init; }

    /// <summary>Told, in words and from any thread, what does not end training: a row left out, a log that could not be finished.</summary>
    public Action<string>? Warned { get; init; }
}
