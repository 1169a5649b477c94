using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Enumerates a source on another thread, a bounded number of items ahead of the one who takes them. Items come in order; a
/// failure of the source reaches the taker where the item would have come, and not before.
/// </summary>
internal sealed class ReadAhead<T> : IDisposable
{
    private readonly BlockingCollection<T> coming;
    private readonly CancellationTokenSource stop = new();
    private readonly Task reading;
    private ExceptionDispatchInfo? failure;

    /// <param name="source">What to enumerate; once, and from now on.</param>
    /// <param name="bound">How many items may wait, at least 1.</param>
    public ReadAhead(IEnumerable<T> source, int bound)
    {
        coming = new BlockingCollection<T>(bound);
        reading = Task.Factory.StartNew(() => Read(source), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The next item.</summary>
    /// <exception cref="InvalidOperationException">There is none: the source has ended.</exception>
    public T Take()
    {
        if (coming.TryTake(out T? item, Timeout.Infinite)) return item;
        failure?.Throw();
        throw new InvalidOperationException("The source has ended.");
    }

    // The source is left before this returns, so that nothing outlives what it reads from.
    public void Dispose()
    {
        stop.Cancel();
        reading.Wait();
        coming.Dispose();
        stop.Dispose();
    }

    private void Read(IEnumerable<T> source)
    {
        try
        {
            foreach (T item in source) coming.Add(item, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody waits for more.
        }
        catch (Exception error)
        {
            failure = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            coming.CompleteAdding();
        }
    }
}
