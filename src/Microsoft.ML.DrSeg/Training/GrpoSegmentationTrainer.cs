using System.Globalization;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Trains the policy of a Dr. Seg model by group relative policy optimisation (Shao et al. 2024, arXiv 2402.03300) on rows
/// of image, query and true mask. Plain GRPO by default; <see cref="Options.Reward"/> and <see cref="Options.LookToConfirm"/>
/// make it Dr. Seg (arXiv 2603.00152).
/// </summary>
/// <remarks>
/// Rows are streamed in their order, and from the beginning again where the steps need more; shuffle them with
/// <c>mlContext.Data.ShuffleRows</c> where their order means something. The same data, options and device give the same
/// weights, bit for bit.
/// </remarks>
public sealed partial class GrpoSegmentationTrainer : IEstimator<GrpoSegmentationTransformer>
{
    private readonly IHost host;
    private readonly Device device;
    private readonly Options options;

    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    internal GrpoSegmentationTrainer(IHostEnvironment environment, Device device, Options options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(GrpoSegmentationTrainer));
        this.device = device;
        this.options = options.Copy();
    }

    /// <summary>Trains a copy of the base model; the base model and the options stay as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">
    /// The data are empty, a row is not well formed (the message names it), training diverged, or there is no base model.
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> asked to stop.</exception>
    public GrpoSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        options.CancellationToken.ThrowIfCancellationRequested();
        DrSegModel model = options.BaseModel?.Clone(device) ?? DrSegModel.LoadBase(device);
        IReadOnlyDictionary<RewardComponent, double[]>? memory = options.Reward?.SaveState();
        try
        {
            Train(model, new ExampleRows(input, options.ImageColumnName, options.QueryColumnName, options.LabelColumnName, model.Vocabulary));
            return new GrpoSegmentationTransformer(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
        finally
        {
            // The reward is the caller's: another Fit begins with what it remembered before this one.
            if (memory is not null) options.Reward!.RestoreState(memory);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        QueryColumns.Demand(inputSchema, options.ImageColumnName, options.QueryColumnName);
        inputSchema.Demand<SegmentationMask>(options.LabelColumnName, ExampleRows.MaskPurpose);
        return inputSchema.With(GrpoSegmentationColumns.Added(options, ModelAnnotation.Promise));
    }

    private void Train(DrSegModel model, ExampleRows rows)
    {
        using IChannel channel = host.Start(nameof(Fit));
        using var loop = new GrpoLoop(model, options);
        foreach (SegmentationExample[] batch in rows.Endless().Chunk(options.QueriesPerStep).Take(options.Steps))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            GrpoStepMetrics progress = loop.Step(batch);
            options.Progress?.Report(progress);
            if (options.LogEveryNSteps > 0 && (progress.Step % options.LogEveryNSteps == 0 || progress.Step == options.Steps))
                channel.Info(MessageSensitivity.None, Line(progress));
        }
    }

    private static string Line(GrpoStepMetrics progress)
    {
        IEnumerable<string> metrics = progress.ToDictionary().Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:0.####}"));
        return string.Create(CultureInfo.InvariantCulture, $"Step {progress.Step} of {progress.Steps}: {string.Join(", ", metrics)}");
    }
}
