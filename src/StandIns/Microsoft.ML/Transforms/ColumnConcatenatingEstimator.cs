using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Joins scalars and vectors of one item type into a vector, with a slot's name for every scalar.</summary>
public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly string _outputColumn;
    private readonly string[] _inputColumns;

    internal ColumnConcatenatingEstimator(string outputColumn, string[] inputColumns)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentNullException.ThrowIfNull(inputColumns);
        ArgumentOutOfRangeException.ThrowIfZero(inputColumns.Length);
        (_outputColumn, _inputColumns) = (outputColumn, inputColumns);
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new ColumnConcatenatingTransformer(_outputColumn, _inputColumns);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column[] inputs = [.. _inputColumns.Select(inputSchema.Find)];
        foreach (SchemaShape.Column input in inputs)
        {
            if (input.ItemType is not PrimitiveDataViewType || !input.ItemType.Equals(inputs[0].ItemType))
                throw SchemaErrors.Mismatch("input", input.Name, inputs[0].ItemType.ToString(), input.TypeText);
        }

        bool known = inputs.All(input => input.Kind != SchemaShape.Column.VectorKind.VariableVector);
        bool named = known && inputs.Any(input => input.Kind == SchemaShape.Column.VectorKind.Scalar || input.Annotations.FindOrNull(SlotNames.Kind) != null);
        var slotNames = new SchemaShape.Column(SlotNames.Kind, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false);
        return inputSchema.With(new SchemaShape.Column(
            _outputColumn,
            known ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector,
            inputs[0].ItemType,
            inputs[0].IsKey,
            named ? new SchemaShape([slotNames]) : null));
    }
}
