namespace Microsoft.ML;

/// <summary>Makes tables out of sources such as files; the schema is known before.</summary>
public interface IDataLoader<in TSource> : ICanSaveModel
{
    IDataView Load(TSource input);

    DataViewSchema GetOutputSchema();
}
