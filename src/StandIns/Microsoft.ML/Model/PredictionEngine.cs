namespace Microsoft.ML;

/// <summary>Runs single objects through a model, one thread at a time.</summary>
public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    internal PredictionEngine(ITransformer transformer, PredictionEngineOptions options) : base(transformer, options)
    {
    }

    public override void Predict(TSrc example, ref TDst prediction) => Fill(example, ref prediction);
}
