using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Runs single objects through a model. Only this assembly derives from it.</summary>
public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ITransformer _transformer;
    private readonly bool _ownsTransformer;
    private readonly ObjectRow<TSrc> _input;
    private readonly Action<TDst> _fill;
    private bool _disposed;

    private protected PredictionEngineBase(ITransformer transformer, PredictionEngineOptions options)
    {
        if (!transformer.IsRowToRowMapper)
            throw new ArgumentOutOfRangeException(nameof(transformer), $"A prediction engine needs a model that maps row to row; {transformer.GetType().Name} does not. Use Transform.");
        (_transformer, _ownsTransformer) = (transformer, options.OwnsTransformer);
        _input = new ObjectRow<TSrc>(options.InputSchemaDefinition);
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(_input.Schema);
        OutputSchema = mapper.OutputSchema;
        var binding = new ObjectBinding<TDst>(OutputSchema, options.IgnoreMissingColumns, options.OutputSchemaDefinition);
        _fill = binding.CreateFiller(mapper.GetRow(_input, binding.Columns));
    }

    public DataViewSchema OutputSchema { get; }

    public TDst Predict(TSrc example)
    {
        var prediction = new TDst();
        Predict(example, ref prediction);
        return prediction;
    }

    public abstract void Predict(TSrc example, ref TDst prediction);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_ownsTransformer)
            (_transformer as IDisposable)?.Dispose();
    }

    private protected void Fill(TSrc example, ref TDst prediction)
    {
        ArgumentNullException.ThrowIfNull(example);
        _input.MoveTo(example);
        prediction ??= new TDst();
        _fill(prediction);
    }
}
