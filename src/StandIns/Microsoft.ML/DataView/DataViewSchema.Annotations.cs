using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    /// <summary>What is said about a column: a row of values of its own, such as the names of a vector's slots.</summary>
    public sealed class Annotations
    {
        private readonly Delegate[] _getters;

        private Annotations(DataViewSchema schema, Delegate[] getters)
        {
            Schema = schema;
            _getters = getters;
        }

        public static Annotations Empty { get; } = new(new DataViewSchema([]), []);

        public DataViewSchema Schema { get; }

        public ValueGetter<TValue> GetGetter<TValue>(Column column) =>
            _getters[column.Index] as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"An annotation is read as the type it was given. '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");

        public void GetValue<TValue>(string kind, ref TValue value)
        {
            Column column = Schema.GetColumnOrNull(kind)
                ?? throw new InvalidOperationException($"The annotation does not exist. There is no '{kind}' among {string.Join(", ", Schema.Select(c => c.Name))}.");
            GetGetter<TValue>(column)(ref value);
        }

        public override string ToString() => string.Join(", ", Schema.Select(column => column.Name));

        /// <summary>Gathers annotations.</summary>
        public sealed class Builder
        {
            private readonly List<(DetachedColumn Column, Delegate Getter)> _items = [];

            public Builder()
            {
            }

            /// <summary>Takes over those annotations whose kind the selector accepts.</summary>
            public void Add(Annotations annotations, Func<string, bool> selector)
            {
                ArgumentNullException.ThrowIfNull(selector);
                if (annotations == null)
                    return;
                foreach (Column column in annotations.Schema.Where(c => selector(c.Name)))
                    _items.Add((new DetachedColumn(column), annotations._getters[column.Index]));
            }

            public void Add(string name, DataViewType type, Delegate getter, Annotations annotations = null)
            {
                ArgumentNullException.ThrowIfNull(type);
                ArgumentNullException.ThrowIfNull(getter);
                Type expected = typeof(ValueGetter<>).MakeGenericType(type.RawType);
                if (getter.GetType() != expected)
                    throw new ArgumentOutOfRangeException(nameof(getter), $"The annotation '{name}' of type {type} needs a getter of type {expected}, not {getter.GetType()}.");
                _items.Add((new DetachedColumn(name, type, annotations), getter));
            }

            public void Add<TValue>(string name, DataViewType type, ValueGetter<TValue> getter, Annotations annotations = null) =>
                Add(name, type, (Delegate)getter, annotations);

            public void AddPrimitiveValue<TValue>(string name, PrimitiveDataViewType type, TValue value, Annotations annotations = null) =>
                Add(name, type, new ValueGetter<TValue>((ref TValue destination) => destination = value), annotations);

            public Annotations ToAnnotations() =>
                new(new DataViewSchema([.. _items.Select(item => item.Column)]), [.. _items.Select(item => item.Getter)]);
        }
    }
}
