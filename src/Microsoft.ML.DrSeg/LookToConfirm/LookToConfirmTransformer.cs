using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// Answers the query of every row by Look-to-Confirm: the most plausible mask, how plausible it is and where, and whether
/// a second look was needed. The columns are described in <see cref="LookToConfirmEstimator.Options"/>. What a row gets
/// depends on its image and query and on the seed, never on its place in the data.
/// </summary>
/// <remarks>Does not own its model: that is the trainer's transformer's, or the caller's, to dispose.</remarks>
public sealed class LookToConfirmTransformer : RowTransformer
{
    private readonly LookToConfirmEstimator.Options options;

    internal LookToConfirmTransformer(DrSegModel model, LookToConfirmEstimator.Options options, float threshold) =>
        (Model, this.options, Threshold) = (model, options, threshold);

    /// <summary>The model that answers and confirms.</summary>
    public DrSegModel Model { get; }

    /// <summary>Confidence below which there is a second look.</summary>
    public float Threshold { get; }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new LookToConfirmColumns(inputSchema, Model, options, Threshold);

    private protected override string HowToSave =>
        $"Set {nameof(Model)}.{nameof(DrSegModel.Threshold)} to {nameof(Threshold)} and save the model with {nameof(Model)}.{nameof(DrSegModel.Save)}(path).";
}
