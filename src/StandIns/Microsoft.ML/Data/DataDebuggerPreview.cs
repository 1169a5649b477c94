using System.Collections.Immutable;

namespace Microsoft.ML.Data;

/// <summary>The first rows of a table, for looking at.</summary>
public sealed class DataDebuggerPreview
{
    internal DataDebuggerPreview(IDataView data, int maxRows)
    {
        if (maxRows < 0)
            throw new ArgumentOutOfRangeException(nameof(maxRows), maxRows, "The number of rows to look at is at least 0.");
        Schema = data.Schema;

        var rows = new List<object[]>();
        using (DataViewRowCursor cursor = data.GetRowCursor(Schema))
        {
            Func<object>[] getters = [.. Schema.Select(column => Getters.Boxed(cursor, column))];
            while (rows.Count < maxRows && cursor.MoveNext())
                rows.Add([.. getters.Select(getter => getter())]);
        }

        RowView = [.. rows.Select(row => new RowInfo(Schema, row))];
        ColumnView = [.. Schema.Select(column => new ColumnInfo(column, [.. rows.Select(row => row[column.Index])]))];
    }

    public DataViewSchema Schema { get; }

    public ImmutableArray<ColumnInfo> ColumnView { get; }

    public ImmutableArray<RowInfo> RowView { get; }

    public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";

    public sealed class ColumnInfo
    {
        internal ColumnInfo(DataViewSchema.Column column, object[] values) => (Column, Values) = (column, values);

        public DataViewSchema.Column Column { get; }

        public object[] Values { get; }

        public override string ToString() => $"{Column}";
    }

    public sealed class RowInfo
    {
        internal RowInfo(DataViewSchema schema, object[] values) =>
            Values = [.. schema.Select(column => KeyValuePair.Create(column.Name, values[column.Index]))];

        public KeyValuePair<string, object>[] Values { get; }

        public override string ToString() => $"{Values.Length} columns";
    }
}
