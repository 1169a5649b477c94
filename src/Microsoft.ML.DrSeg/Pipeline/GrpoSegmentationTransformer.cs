using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Answers the query of every row with one greedy answer: mask, box, point, text and log-probability. The columns are
/// described in <see cref="GrpoSegmentationTrainer.Options"/>. In a pipeline the steps that follow find its model by themselves.
/// </summary>
/// <remarks>Owns its model: dispose it (or the chain that holds it) when it is no longer needed. <c>SaveDrSeg(path)</c> saves it.</remarks>
public sealed class GrpoSegmentationTransformer : RowTransformer, IDisposable
{
    private readonly GrpoSegmentationTrainer.Options _options;
    private readonly bool _ownsModel;

    /// <summary>Makes a transformer of a model.</summary>
    /// <param name="model">The model; the transformer owns it from now on.</param>
    /// <param name="options">The names of the columns and <see cref="QueryOptions.PredictionBatchSize"/>; the rest is passed over. Null for the defaults.</param>
    /// <exception cref="ArgumentException">A column name is empty, two outputs have the same, or the batch is no size.</exception>
    public GrpoSegmentationTransformer(DrSegModel model, GrpoSegmentationTrainer.Options? options = null) : this(model, ownsModel: true, options ?? new())
    {
    }

    internal GrpoSegmentationTransformer(DrSegModel model, bool ownsModel, GrpoSegmentationTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, _ownsModel, _options) = (model, ownsModel, options.Copy());
        _options.ValidateRows();
    }

    /// <summary>The model that answers.</summary>
    public DrSegModel Model { get; }

    /// <summary>Disposes the model.</summary>
    public void Dispose()
    {
        if (_ownsModel) Model.Dispose();
    }

    internal override DrSegModel SavedModel => Model;

    internal override SavedStep ToSaved() => SavedGrpoSegmentation.Of(_options);

    internal AnsweredRow Predict(QuerySource row) => GrpoSegmentationColumns.Predict(Model, [row.Read(Model.Policy.CheckQuery, _options)])[0];

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new GrpoSegmentationColumns(inputSchema, Model, _options);

    private protected override TransformerChain<ITransformer> ToMLNet() => EquivalentChain.OverQueries(new GrpoSegmentationMapping(), GrpoSegmentationMapping.Contract, this, _options);
}
