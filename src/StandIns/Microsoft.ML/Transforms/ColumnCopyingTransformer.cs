using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="ColumnCopyingEstimator"/>
public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal ColumnCopyingTransformer(string outputColumn, string inputColumn) : base(outputColumn, inputColumn)
    {
    }

    private protected override void Save(ModelWriter writer) => writer.Kind(ModelKind.CopyColumns).Text(OutputColumn).Text(InputColumn);

    private protected override DataViewSchema.DetachedColumn MakeOutput(string name, DataViewSchema.Column input) =>
        new(name, input.Type, input.Annotations);

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input) => Getters.Of(row, input);
}
