using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Data;

/// <summary>Which column type stands for which custom CLR type, with or without an attribute; one to one, for the process.</summary>
public static class DataViewTypeManager
{
    private readonly record struct ClrType(Type Type, DataViewTypeAttribute Attribute);

    private static readonly Lock _lock = new();
    private static readonly Dictionary<ClrType, DataViewType> _columnTypes = [];
    private static readonly Dictionary<DataViewType, ClrType> _clrTypes = [];

    /// <summary>Registering the same pair again changes nothing; another partner for either side is an error.</summary>
    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        ArgumentNullException.ThrowIfNull(dataViewType);
        ArgumentNullException.ThrowIfNull(type);
        if (dataViewType.RawType != type)
            throw new ArgumentOutOfRangeException(nameof(type), $"The column type {dataViewType} holds {dataViewType.RawType}, not {type}.");

        var clrType = new ClrType(type, typeAttribute);
        lock (_lock)
        {
            if (_columnTypes.TryGetValue(clrType, out DataViewType known) && !known.Equals(dataViewType))
                throw new ArgumentOutOfRangeException(nameof(type), $"The type {type} already stands for the column type {known}, so it cannot stand for {dataViewType}. Tell them apart by an attribute.");
            if (_clrTypes.TryGetValue(dataViewType, out ClrType other) && other != clrType)
                throw new ArgumentOutOfRangeException(nameof(dataViewType), $"The column type {dataViewType} is already registered for {other.Type} with another attribute.");
            _columnTypes[clrType] = dataViewType;
            _clrTypes[dataViewType] = clrType;
        }
    }

    /// <summary>Whether this very type was registered: an image of one size is another type than one of another, or of any.</summary>
    internal static bool Knows(DataViewType columnType)
    {
        lock (_lock)
            return _clrTypes.ContainsKey(columnType);
    }

    internal static bool TryGetColumnType(Type type, DataViewTypeAttribute attribute, [NotNullWhen(true)] out DataViewType columnType)
    {
        lock (_lock)
            return _columnTypes.TryGetValue(new ClrType(type, attribute), out columnType);
    }
}
