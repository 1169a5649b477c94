using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class SchemaShape
{
    /// <summary>What is known of a column.</summary>
    public struct Column
    {
        public enum VectorKind
        {
            Scalar = 0,
            Vector = 1,
            VariableVector = 2,
        }

        public readonly string Name;
        public readonly VectorKind Kind;

        /// <summary>The type of a scalar or of a vector's items; of a key, the number type it is kept in.</summary>
        public readonly DataViewType ItemType;

        public readonly bool IsKey;
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind kind, DataViewType itemType, bool isKey, SchemaShape annotations = null)
        {
            (Name, Kind, ItemType, IsKey, Annotations) = (name, kind, itemType, isKey, annotations ?? Empty);
        }

        internal static Column Create(DataViewSchema.Column column) => Create(column.Name, column.Type, column.Annotations.Schema);

        internal static Column Create(string name, DataViewType type, DataViewSchema annotations)
        {
            var vector = type as VectorDataViewType;
            VectorKind kind = vector == null ? VectorKind.Scalar : vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector;
            DataViewType item = vector?.ItemType ?? type;
            bool isKey = item is KeyDataViewType;
            if (isKey)
                item = NumberDataViewType.All.First(number => number.RawType == item.RawType);
            return new Column(name, kind, item, isKey, new SchemaShape(annotations.Select(a => Create(a.Name, a.Type, a.Annotations.Schema))));
        }

        internal Column Renamed(string name) => new(name, Kind, ItemType, IsKey, Annotations);

        internal string TypeText => Kind == VectorKind.Scalar ? $"{ItemType}" : $"{Kind} of {ItemType}";
    }
}
