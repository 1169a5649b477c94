using System.Collections.Concurrent;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Predictions for single rows from any number of threads at once, as a server makes them. A <see cref="PredictionEngine{TSrc, TDst}"/>
/// serves one thread; this keeps as many as there were ever threads at once, all over one model in memory.
/// </summary>
/// <remarks>
/// libtorch spreads each answer over all cores. Where several threads ask at once, these then wait for each other and all become
/// many times slower: have each answer keep to one core by <c>torch.set_num_threads(1)</c> when the program starts.
/// </remarks>
/// <typeparam name="TSource">The row class that a model is asked with.</typeparam>
/// <typeparam name="TPrediction">The row class of the answer.</typeparam>
public sealed class PredictionPool<TSource, TPrediction> : IDisposable
    where TSource : class
    where TPrediction : class, new()
{
    private readonly ConcurrentBag<PredictionEngine<TSource, TPrediction>> _idle = [];
    private readonly MLContext _context;
    private readonly ITransformer _model;
    private volatile bool _disposed;

    /// <summary>Makes one engine at once, so that columns which the model misses are found before anybody asks.</summary>
    internal PredictionPool(MLContext context, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_context, _model) = (context, model);
        _idle.Add(CreateEngine());
    }

    /// <summary>Engines that wait for a thread.</summary>
    public int IdleEngines => _idle.Count;

    /// <summary>What the model answers to a row; any thread may ask at any time.</summary>
    /// <exception cref="ObjectDisposedException">The pool has been disposed.</exception>
    /// <exception cref="InvalidOperationException">The row is not well formed; the message says what is wrong with it.</exception>
    public TPrediction Predict(TSource row)
    {
        ArgumentNullException.ThrowIfNull(row);
        ObjectDisposedException.ThrowIf(_disposed, this);
        PredictionEngine<TSource, TPrediction> engine = _idle.TryTake(out var found) ? found : CreateEngine();
        // An engine whose row has failed is as good as before: its next row has another position.
        try
        {
            return engine.Predict(row);
        }
        finally
        {
            // In this order: a pool disposed between the two is emptied by one or the other.
            _idle.Add(engine);
            if (_disposed) Drain();
        }
    }

    /// <summary>Disposes the engines, those at work when they have finished; the model stays its owner's.</summary>
    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private void Drain()
    {
        while (_idle.TryTake(out var engine))
            engine.Dispose();
    }

    private PredictionEngine<TSource, TPrediction> CreateEngine() =>
        _context.Model.CreatePredictionEngine<TSource, TPrediction>(_model, new PredictionEngineOptions { OwnsTransformer = false });
}
