using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Copies a column under another name.</summary>
public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    private readonly string _outputColumn, _inputColumn;

    internal ColumnCopyingEstimator(string outputColumn, string inputColumn) : base(new ColumnCopyingTransformer(outputColumn, inputColumn))
    {
        (_outputColumn, _inputColumn) = (outputColumn, inputColumn);
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return inputSchema.With(inputSchema.Find(_inputColumn).Renamed(_outputColumn));
    }
}
