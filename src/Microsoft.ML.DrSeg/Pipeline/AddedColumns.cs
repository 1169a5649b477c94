using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The columns that a transformer adds to each row: bound to one input schema, and all that a transformer has to say to
/// become rows, cursors and views, since ML.NET's own base classes are closed to other assemblies.
/// </summary>
internal abstract class AddedColumns
{
    /// <summary>The input columns that the added ones are computed from.</summary>
    public abstract IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    /// <summary>The added columns. One with the name of an input column hides it.</summary>
    public abstract IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>How many rows are computed together where a view is read, at least 1.</summary>
    public virtual int BatchSize => 1;

    /// <summary>One <see cref="ValueGetter{TValue}"/> an added column, over an input row that moves on.</summary>
    public abstract Delegate[] CreateGetters(DataViewRow input);

    /// <summary>The same, with a second cursor that reads ahead what <see cref="BatchSize"/> rows need.</summary>
    public virtual Delegate[] CreateGetters(DataViewRow input, DataViewRowCursor ahead) => CreateGetters(input);

    /// <summary>The column of that name, or an error that says what it is for and which columns there are.</summary>
    public static DataViewSchema.Column Find<TValue>(DataViewSchema schema, string name, string purpose)
    {
        var column = schema.GetColumnOrNull(name)
            ?? throw new ArgumentOutOfRangeException(nameof(schema), $"There is no column '{name}' for {purpose}. The columns are: {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        return column.Type.RawType == typeof(TValue)
            ? column
            : throw new ArgumentOutOfRangeException(nameof(schema), $"The column '{name}' for {purpose} must hold {Shapes.NameOf<TValue>()}, but it is {column.Type}.");
    }

    /// <summary>The column of vectors of that name; one whose type says that they have another size is an error as well.</summary>
    public static DataViewSchema.Column FindVector(DataViewSchema schema, string name, string purpose, int size)
    {
        DataViewSchema.Column column = Find<VBuffer<float>>(schema, name, purpose);
        return column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.Size != size
            ? throw new ArgumentOutOfRangeException(nameof(schema), $"The column '{name}' for {purpose} must hold vectors of {size} numbers, but it is {column.Type}.")
            : column;
    }

    /// <summary>The numbers of a vector column; another count than expected, or a number that is not finite, is an error that names row and column.</summary>
    protected static Func<float[]> Numbers(DataViewRow input, DataViewSchema.Column column, int count)
    {
        Func<float[]> read = Numbers(input, column);
        return () => read() is var numbers && numbers.Length == count ? numbers : throw WrongCount(input, column, numbers.Length, $"{count}");
    }

    /// <summary>The numbers of a vector column, as many as there are; one that is not finite is an error that names row and column.</summary>
    protected static Func<float[]> Numbers(DataViewRow input, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<float>> getter = input.GetGetter<VBuffer<float>>(column);
        VBuffer<float> values = default;
        return () =>
        {
            getter(ref values);
            float[] numbers = [.. values.DenseValues()];
            return Array.TrueForAll(numbers, float.IsFinite)
                ? numbers
                : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Row {input.Position}: the column '{column.Name}' holds {string.Join(", ", numbers)}; its numbers must be finite."));
        };
    }

    protected static InvalidOperationException WrongCount(DataViewRow input, DataViewSchema.Column column, int count, string expected) =>
        new($"Row {input.Position}: the column '{column.Name}' has {count} numbers; expected {expected}.");

    /// <summary>A getter of a vector whose values all stand in the row's own array.</summary>
    protected static ValueGetter<VBuffer<float>> VectorGetter(Func<ReadOnlySpan<float>> values) => (ref VBuffer<float> destination) =>
    {
        ReadOnlySpan<float> source = values();
        var editor = VBufferEditor.Create(ref destination, source.Length);
        source.CopyTo(editor.Values);
        destination = editor.Commit();
    };
}
