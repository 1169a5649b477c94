using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Trains the policy of a Dr. Seg model by group relative policy optimisation (Shao et al. 2024, arXiv 2402.03300) on rows
/// of image, query and true mask. Plain GRPO by default; <see cref="Options.Reward"/> and <see cref="SamplingOptions.LookToConfirm"/>
/// make it Dr. Seg (arXiv 2603.00152).
/// </summary>
/// <remarks>
/// Rows are streamed on another thread, in their order or shuffled (<see cref="SamplingOptions.ShufflePoolSize"/>), and from the
/// beginning again where the steps need more. The same data, options and device give the same weights, bit for bit, also
/// where a run was broken off and resumed (<see cref="GrpoOptions.Run"/>).
/// </remarks>
public sealed partial class GrpoSegmentationTrainer : IEstimator<GrpoSegmentationTransformer>
{
    private readonly IHost _host;
    private readonly Device _device;
    private readonly Options _options;

    internal GrpoSegmentationTrainer(IHostEnvironment environment, Device device, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _host = environment.Register(nameof(GrpoSegmentationTrainer));
        _device = device;
        _options = options.Copy();
    }

    /// <summary>
    /// Trains a copy of the base model; the base model and the options stay as they are. A base model of parts of one's own is not
    /// copied: its policy is trained itself, and stays the base model's.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">
    /// The data are empty, a row is not well formed (the message names it), training diverged, or there is no base model.
    /// </exception>
    /// <exception cref="TrainingDivergedException">A score, loss or gradient is not finite; the message names step and examples.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged or of another version; the message names the one before it.</exception>
    /// <exception cref="IOException">The run's folder cannot be written, or another run writes to it; checkpoints written before are still there.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> asked to stop; with <see cref="GrpoOptions.Run"/> a checkpoint was written first, and the message says how to go on.</exception>
    public GrpoSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // Processes that share a training stop together, between two steps.
        if (_options.ProcessGroup is null or { Size: 1 }) _options.CancellationToken.ThrowIfCancellationRequested();
        DrSegModel model = _options.BaseModel?.ForTraining(_device) ?? DrSegModel.LoadBase(_device);
        IReadOnlyDictionary<RewardComponent, double[]>? memory = _options.Reward?.SaveState();
        try
        {
            using IChannel channel = _host.Start(nameof(Fit));
            IExampleSource Rows(IDataView data) => new ExampleRows(data, _options, model.Policy.CheckQuery, _options.ObjectsColumnName);
            using var run = new GrpoRun(
                model, Rows(input), _options.ValidationData is { } heldOut ? Rows(heldOut) : null, _options.Training, _options.Reward, Told(channel), _options.CancellationToken, _options.ProcessGroup);
            // A resumed run has a model of its own.
            model = run.Model;
            run.Train();
            return new GrpoSegmentationTransformer(model, _options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
        finally
        {
            // The reward is the caller's: another Fit begins with what it remembered before this one.
            if (memory is not null) _options.Reward!.RestoreState(memory);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _options.Image.DemandOf(inputSchema);
        _options.Query.DemandOf(inputSchema);
        _options.Label.DemandOf(inputSchema);
        if (ExampleRows.ReadsObjects(_options.ObjectsColumnName, name => inputSchema.Any(column => column.Name == name)))
            ExampleRows.Objects(_options.ObjectsColumnName).DemandOf(inputSchema);
        return inputSchema.With(GrpoSegmentationColumns.Added(_options, ModelAnnotation.Promise));
    }
}
