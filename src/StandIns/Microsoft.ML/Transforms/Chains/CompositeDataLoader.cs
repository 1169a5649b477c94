namespace Microsoft.ML.Data;

/// <summary>A loader with a chain of transformers behind it.</summary>
public sealed class CompositeDataLoader<TSource, TLastTransformer> : IDataLoader<TSource>, IDisposable where TLastTransformer : class, ITransformer
{
    public readonly IDataLoader<TSource> Loader;
    public readonly TransformerChain<TLastTransformer> Transformer;

    public CompositeDataLoader(IDataLoader<TSource> loader, TransformerChain<TLastTransformer> transformerChain = null)
    {
        ArgumentNullException.ThrowIfNull(loader);
        (Loader, Transformer) = (loader, transformerChain ?? new TransformerChain<TLastTransformer>());
    }

    public IDataView Load(TSource input) => Transformer.Transform(Loader.Load(input));

    public DataViewSchema GetOutputSchema() => Transformer.GetOutputSchema(Loader.GetOutputSchema());

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw ModelSaveContext.NotOffered(this);

    public void Dispose()
    {
        (Loader as IDisposable)?.Dispose();
        Transformer.Dispose();
    }
}
