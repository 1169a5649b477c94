namespace Microsoft.ML.Data;

/// <summary>A step of an <see cref="EstimatorChain{TLastTransformer}"/>.</summary>
internal readonly record struct EstimatorStep(IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter);
