using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Hands a trained model on to the steps that follow in a pipeline: as an annotation of the column that it predicts, since
/// a step of an ML.NET pipeline is told nothing of the steps before it but their columns.
/// </summary>
internal static class ModelAnnotation
{
    private const string Kind = "DrSegModel";

    public static DataViewSchema.Annotations Of(DrSegModel model) => Create((ref DrSegModel value) => value = model);

    /// <summary>The annotation as it will be once a model is trained, for schema shapes.</summary>
    public static DataViewSchema.Annotations Promise { get; } =
        Create((ref DrSegModel _) => throw new InvalidOperationException("The model has not been trained yet."));

    /// <summary>The annotation of the column of that name, for a step that puts another in its place; null where it has none.</summary>
    public static DataViewSchema.Annotations? HandedOn(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is { } column && column.Annotations.Schema.GetColumnOrNull(Kind) is not null ? column.Annotations : null;

    public static DataViewSchema.Annotations? HandedOn(SchemaShape shape, string name) =>
        shape.Any(column => column.Name == name && IsOf(column)) ? Promise : null;

    public static bool IsPromisedBy(SchemaShape shape) =>
        shape.Any(IsOf);

    /// <summary>The model of the last column that has one; null where none has.</summary>
    public static DrSegModel? Find(DataViewSchema schema)
    {
        foreach (DataViewSchema.Column column in schema.Reverse())
        {
            if (column.Annotations.Schema.GetColumnOrNull(Kind) is null)
                continue;
            DrSegModel model = null!;
            column.Annotations.GetValue(Kind, ref model);
            return model;
        }
        return null;
    }

    private static bool IsOf(SchemaShape.Column column) => column.Annotations.Any(annotation => annotation.Name == Kind);

    private static DataViewSchema.Annotations Create(ValueGetter<DrSegModel> getter)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, ModelType.Instance, getter);
        return builder.ToAnnotations();
    }

    private sealed class ModelType : StructuredDataViewType
    {
        public static ModelType Instance { get; } = new();

        private ModelType() : base(typeof(DrSegModel))
        {
        }

        public override bool Equals(DataViewType? other) => other is ModelType;

        public override bool Equals(object? obj) => obj is ModelType;

        public override int GetHashCode() => typeof(ModelType).GetHashCode();

        public override string ToString() => nameof(DrSegModel);
    }
}
