using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Schema shapes for estimators. ML.NET makes the columns of a shape only itself, out of a schema that a loader promises;
/// so a loader that promises one and loads nothing is asked.
/// </summary>
internal static class Shapes
{
    public static SchemaShape Of(DataViewSchema schema) => new Promise(schema).Append(new EstimatorChain<ITransformer>()).GetOutputSchema();

    /// <summary>The shape with columns added; one of a name that is there already takes the old one's place.</summary>
    public static SchemaShape With<TRow>(this SchemaShape shape, params IEnumerable<RowColumn<TRow>> added)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(added.Select(column => column.Detached));
        SchemaShape columns = Of(builder.ToSchema());
        var names = columns.Select(column => column.Name).ToHashSet();
        return new SchemaShape(shape.Where(column => !names.Contains(column.Name)).Concat(columns));
    }

    private sealed class Promise(DataViewSchema schema) : IDataLoader<object>
    {
        public DataViewSchema GetOutputSchema() => schema;

        public IDataView Load(object input) => throw new NotSupportedException("This loader only promises a schema.");

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("This loader only promises a schema.");
    }
}
