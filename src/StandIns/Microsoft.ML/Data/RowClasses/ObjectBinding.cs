using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Columns of a schema bound to the members of a class: fills objects out of rows.</summary>
internal sealed class ObjectBinding<TRow>
{
    private readonly List<(DataViewSchema.Column Column, MemberInfo Member)> _bound = [];

    /// <param name="ignoreMissing">Whether members without a column keep their values instead of being an error.</param>
    public ObjectBinding(DataViewSchema schema, bool ignoreMissing, SchemaDefinition definition = null)
    {
        definition ??= SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        foreach (SchemaDefinition.Column wanted in definition)
        {
            if (schema.GetColumnOrNull(wanted.ColumnName) is { } column)
                _bound.Add((column, RowMembers.Find(typeof(TRow), wanted.MemberName)));
            else if (!ignoreMissing)
                throw SchemaErrors.Missing("", wanted.ColumnName, schema);
        }
    }

    public IEnumerable<DataViewSchema.Column> Columns => _bound.Select(bound => bound.Column);

    /// <summary>An action that fills an object out of whatever row the cursor is at.</summary>
    public Action<TRow> CreateFiller(DataViewRow row)
    {
        Action<TRow>[] setters = [.. _bound.Select(bound => MemberSetters<TRow>.Create(row, bound.Column, bound.Member))];
        return target =>
        {
            foreach (Action<TRow> set in setters)
                set(target);
        };
    }
}
