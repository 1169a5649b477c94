using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>A row class bound to columns: the schema it makes, and getters over its objects.</summary>
internal sealed class RowClassColumns<TRow>
{
    private readonly MemberInfo[] _members;

    public RowClassColumns(SchemaDefinition definition)
    {
        var builder = new DataViewSchema.Builder();
        _members = new MemberInfo[definition.Count];
        for (int i = 0; i < _members.Length; i++)
        {
            SchemaDefinition.Column column = definition[i];
            _members[i] = RowMembers.Find(typeof(TRow), column.MemberName);
            if (!RowMembers.CanHold(RowMembers.TypeOf(_members[i]), column.ColumnType))
                throw new ArgumentOutOfRangeException(nameof(definition), $"The member {column.MemberName} of type {RowMembers.TypeOf(_members[i])} cannot make the column '{column.ColumnName}' of type {column.ColumnType}.");
            builder.AddColumn(column.ColumnName, column.ColumnType, column.Annotations);
        }

        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public Delegate CreateGetter(RowBox<TRow> box, int column) => MemberGetters<TRow>.Create(box, _members[column], Schema[column].Type);
}
