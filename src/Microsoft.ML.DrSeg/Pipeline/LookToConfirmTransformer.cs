using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Answers the query of every row by Look-to-Confirm: the most plausible mask, how plausible it is and where, and whether
/// a second look was needed. The columns are described in <see cref="LookToConfirmEstimator.Options"/>. What a row gets
/// depends on its image and query and on the seed, never on its place in the data.
/// </summary>
/// <remarks>
/// Fitted, it does not own its model: that is the trainer's transformer's, or the caller's, to dispose. Loaded alone, it does.
/// <c>SaveDrSeg(path)</c> saves it.
/// </remarks>
public sealed class LookToConfirmTransformer : RowTransformer, IDisposable
{
    private readonly LookToConfirmEstimator.Options _options;
    private readonly bool _ownsModel;

    internal LookToConfirmTransformer(DrSegModel model, bool ownsModel, LookToConfirmEstimator.Options options, float threshold) =>
        (Model, _ownsModel, _options, Threshold) = (model, ownsModel, options, threshold);

    /// <summary>The model that answers and confirms.</summary>
    public DrSegModel Model { get; }

    /// <summary>Confidence below which there is a second look.</summary>
    public float Threshold { get; }

    /// <summary>Disposes the model where this owns it.</summary>
    public void Dispose()
    {
        if (_ownsModel) Model.Dispose();
    }

    internal override DrSegModel SavedModel => Model;

    internal override SavedStep ToSaved() => new SavedLookToConfirm(_options, Threshold);

    internal LookToConfirmColumns.Predicted Predict(QuerySource row) => LookToConfirmColumns.Predict(Model, [row.Read(Model.Policy.CheckQuery, _options)], _options.Looking(Threshold), (ulong)_options.Seed)[0];

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new LookToConfirmColumns(inputSchema, Model, _options, Threshold);

    private protected override TransformerChain<ITransformer> ToMLNet() => EquivalentChain.OverQueries(new LookToConfirmMapping(), LookToConfirmMapping.Contract, this, _options);
}
