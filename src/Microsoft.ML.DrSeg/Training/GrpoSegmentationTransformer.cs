using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Answers the query of every row with one greedy answer: mask, box, point, text and log-probability. The columns are
/// described in <see cref="GrpoSegmentationTrainer.Options"/>. In a pipeline the steps that follow find its model by themselves.
/// </summary>
/// <remarks>Owns its model: dispose it (or the chain that holds it) when it is no longer needed.</remarks>
public sealed class GrpoSegmentationTransformer : RowTransformer, IDisposable
{
    private readonly GrpoSegmentationTrainer.Options options;

    /// <summary>Makes a transformer of a model.</summary>
    /// <param name="model">The model; the transformer owns it from now on.</param>
    /// <param name="options">The names of the columns; the rest is passed over. Null for the defaults.</param>
    /// <exception cref="ArgumentException">A column name is empty, or two outputs have the same.</exception>
    public GrpoSegmentationTransformer(DrSegModel model, GrpoSegmentationTrainer.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        this.options = options?.Copy() ?? new();
        this.options.ValidateColumns();
    }

    /// <summary>The model that answers.</summary>
    public DrSegModel Model { get; }

    /// <summary>Saves the model; <c>mlContext.DrSeg().LoadModel(path)</c> brings it back.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and nothing is left behind.</exception>
    public void Save(string path) => Model.Save(path);

    /// <summary>Disposes the model.</summary>
    public void Dispose() => Model.Dispose();

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new GrpoSegmentationColumns(inputSchema, Model, options);

    private protected override string HowToSave => $"Save its model with {nameof(Save)}(path) and load it with mlContext.DrSeg().LoadModel(path).";
}
