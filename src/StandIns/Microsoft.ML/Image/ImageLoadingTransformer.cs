using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

/// <inheritdoc cref="ImageLoadingEstimator"/>
public sealed class ImageLoadingTransformer : OneToOneTransformerBase
{
    public readonly string ImageFolder;

    internal ImageLoadingTransformer(string outputColumn, string imageFolder, string inputColumn) : base(outputColumn, inputColumn)
    {
        ImageFolder = imageFolder;
    }

    private protected override void Save(ModelWriter writer) => writer.Kind(ModelKind.LoadImages).Text(OutputColumn).Text(ImageFolder ?? "").Text(InputColumn);

    private protected override DataViewSchema.DetachedColumn MakeOutput(string name, DataViewSchema.Column input)
    {
        if (input.Type is not TextDataViewType)
            throw SchemaErrors.Mismatch("input", input.Name, "String", input.Type.ToString());
        return new(name, new ImageDataViewType());
    }

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(input);
        ReadOnlyMemory<char> name = default;
        return new ValueGetter<MLImage>((ref MLImage value) =>
        {
            getter(ref name);
            value?.Dispose();
            value = name.IsEmpty ? null : Load(name.ToString(), input.Name, row.Position);
        });
    }

    private MLImage Load(string name, string column, long row)
    {
        string path = string.IsNullOrEmpty(ImageFolder) ? name : Path.Combine(ImageFolder, name);
        try
        {
            MLImage image = MLImage.CreateFromFile(path);
            image.Tag = path;
            return image;
        }
        catch (FileNotFoundException e)
        {
            throw new FileNotFoundException($"Row {row}, column '{column}': {e.Message}", path, e);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Row {row}, column '{column}', file '{path}': {e.Message}", e);
        }
    }
}
