namespace Microsoft.ML.Data;

/// <summary>Estimators one after the other, each fitted to what those before it make of the data. Appending makes a new chain.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>> where TLastTransformer : class, ITransformer
{
    private readonly EstimatorStep[] _steps;

    public readonly IEstimator<TLastTransformer> LastEstimator;

    public EstimatorChain() => _steps = [];

    internal EstimatorChain(EstimatorStep[] steps)
    {
        _steps = steps;
        LastEstimator = steps.Length > 0 ? (IEstimator<TLastTransformer>)steps[^1].Estimator : null;
    }

    /// <summary>Asks every step for its output schema first, so that a wrong column is found before the work begins.</summary>
    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));

        IDataView data = input;
        var transformers = new ITransformer[_steps.Length];
        for (int i = 0; i < _steps.Length; i++)
        {
            transformers[i] = _steps[i].Estimator.Fit(data);
            data = transformers[i].Transform(data);
            if (_steps[i].CacheAfter && i < _steps.Length - 1)
                data = new CachedView(KeepableColumns.Of(data), []);
        }

        return new TransformerChain<TLastTransformer>(transformers, _steps.Select(step => step.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _steps.Aggregate(inputSchema, (shape, step) => step.Estimator.GetOutputSchema(shape));
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything) where TNewTrans : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new EstimatorChain<TNewTrans>([.. _steps, new EstimatorStep(estimator, scope, CacheAfter: false)]);
    }

    /// <summary>Keeps in memory, for the steps that follow, what the last one made of the data, but for images and types of one's own.</summary>
    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(Runtime.IHostEnvironment env)
    {
        ArgumentNullException.ThrowIfNull(env);
        if (_steps.Length == 0)
            throw new InvalidOperationException("A cache checkpoint comes after a step, but the chain is empty. Use mlContext.Data.Cache on the data.");
        return new EstimatorChain<TLastTransformer>([.. _steps[..^1], _steps[^1] with { CacheAfter = true }]);
    }
}
