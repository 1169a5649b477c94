using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    /// <summary>Gathers columns into a schema, in the order in which they are added.</summary>
    public sealed class Builder
    {
        private readonly List<DetachedColumn> _columns = [];

        public Builder()
        {
        }

        public void AddColumn(string name, DataViewType type, Annotations annotations = null) => _columns.Add(new DetachedColumn(name, type, annotations));

        public void AddColumns(IEnumerable<DetachedColumn> source) => _columns.AddRange(source);

        public void AddColumns(IEnumerable<Column> source) => AddColumns(source.Select(column => new DetachedColumn(column)));

        public DataViewSchema ToSchema() => new(_columns);
    }
}
