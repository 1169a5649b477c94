using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>The members of a row class and the column types that stand for them.</summary>
internal static class RowMembers
{
    private static readonly Dictionary<Type, PrimitiveDataViewType> _primitives = new List<PrimitiveDataViewType>(NumberDataViewType.All)
    {
        BooleanDataViewType.Instance, TextDataViewType.Instance, DateTimeDataViewType.Instance,
        DateTimeOffsetDataViewType.Instance, TimeSpanDataViewType.Instance, RowIdDataViewType.Instance,
    }.ToDictionary(type => type.RawType);

    public static IEnumerable<MemberInfo> Of(Type rowClass, SchemaDefinition.Direction direction)
    {
        const BindingFlags Instance = BindingFlags.Public | BindingFlags.Instance;
        bool read = direction.HasFlag(SchemaDefinition.Direction.Read), write = direction.HasFlag(SchemaDefinition.Direction.Write);
        IEnumerable<MemberInfo> fields = rowClass.GetFields(Instance).Where(f => !write || !f.IsInitOnly);
        IEnumerable<MemberInfo> properties = rowClass.GetProperties(Instance).Where(p =>
            p.GetIndexParameters().Length == 0 && (!read || p.GetMethod?.IsPublic == true) && (!write || p.SetMethod?.IsPublic == true));
        return fields.Concat(properties).Where(member => member.GetCustomAttribute<NoColumnAttribute>() == null);
    }

    public static MemberInfo Find(Type rowClass, string name) =>
        (MemberInfo)rowClass.GetField(name) ?? rowClass.GetProperty(name)
            ?? throw new ArgumentOutOfRangeException(nameof(name), $"{rowClass} has no public field or property '{name}'.");

    public static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    public static DataViewType ColumnTypeOf(MemberInfo member)
    {
        Type type = TypeOf(member);
        if (member.GetCustomAttribute<DataViewTypeAttribute>() is { } attribute)
        {
            attribute.Register();
            return DataViewTypeManager.TryGetColumnType(type, attribute, out DataViewType registered) ? registered : throw Undetermined(member);
        }

        VectorTypeAttribute vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (TryGetVectorItem(type, out Type item) && PrimitiveOf(item) is { } itemType)
            return new VectorDataViewType(WithKeys(member, itemType), vector?.Dimensions ?? [0]);
        if (vector != null)
            throw new ArgumentOutOfRangeException(nameof(member), $"The member {member.Name} is marked [VectorType] but is no array or VBuffer of a primitive type: {type}.");
        if (PrimitiveOf(type) is { } primitive)
            return WithKeys(member, primitive);
        return DataViewTypeManager.TryGetColumnType(type, null, out DataViewType custom) ? custom : throw Undetermined(member);
    }

    /// <summary>Whether a member of this CLR type can hold the values of a column of that type.</summary>
    public static bool CanHold(Type member, DataViewType column)
    {
        if (column is VectorDataViewType vector)
            return TryGetVectorItem(member, out Type item) && RawTypeOf(item) == vector.ItemType.RawType;
        return RawTypeOf(member) == column.RawType;
    }

    public static bool TryGetVectorItem(Type type, out Type item)
    {
        bool isBuffer = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>);
        item = isBuffer ? type.GetGenericArguments()[0] : type.IsSZArray ? type.GetElementType() : null;
        return item != null;
    }

    private static Type RawTypeOf(Type type) => type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type;

    private static PrimitiveDataViewType PrimitiveOf(Type type) => _primitives.GetValueOrDefault(RawTypeOf(type));

    private static PrimitiveDataViewType WithKeys(MemberInfo member, PrimitiveDataViewType type)
    {
        if (member.GetCustomAttribute<KeyTypeAttribute>() is not { } key)
            return type;
        if (!KeyDataViewType.IsValidDataType(type.RawType))
            throw new ArgumentOutOfRangeException(nameof(member), $"The member {member.Name} is marked [KeyType] but is no byte, ushort, uint or ulong: {type.RawType}.");
        return new KeyDataViewType(type.RawType, key.Count ?? KeyDataViewType.LargestCount(type.RawType));
    }

    private static ArgumentOutOfRangeException Undetermined(MemberInfo member) =>
        new(nameof(member), $"Could not determine an IDataView type and registered custom types for member {member.Name}. "
            + $"Register a column type for {TypeOf(member)} with {nameof(DataViewTypeManager)} or a {nameof(DataViewTypeAttribute)}, or leave the member out with [NoColumn].");
}
