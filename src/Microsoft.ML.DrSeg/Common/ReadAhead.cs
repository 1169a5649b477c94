using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>
/// Enumerates a source on another thread, a bounded number of items ahead of the one who takes them. Items come in order; a
/// failure of the source reaches the taker where the item would have come, and not before. One thread takes.
/// </summary>
internal sealed class ReadAhead<T> : IDisposable
{
    private readonly Channel<T> _coming;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    /// <param name="source">What to enumerate; once, and from now on.</param>
    /// <param name="bound">How many items may wait, at least 1. One more is in the making.</param>
    public ReadAhead(IEnumerable<T> source, int bound)
    {
        // Whoever waits is woken by the other side itself: a pool without a free thread holds nobody up.
        _coming = Channel.CreateBounded<T>(new BoundedChannelOptions(bound) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
        _reading = Task.Factory.StartNew(() => Read(source), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public T Take() => TryTake(CancellationToken.None, out T? item) ? item : throw new InvalidOperationException("The source has ended.");

    public IEnumerable<T> Rest(CancellationToken cancellationToken)
    {
        while (TryTake(cancellationToken, out T? item))
            yield return item;
    }

    // The source is left before this returns, so that nothing outlives what it reads from.
    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait();
        _stop.Dispose();
    }

    private bool TryTake(CancellationToken cancellationToken, [MaybeNullWhen(false)] out T item)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!_coming.Reader.TryRead(out item))
            if (!Wait(_coming.Reader.WaitToReadAsync(cancellationToken)))
                return false;
        return true;
    }

    private void Read(IEnumerable<T> source)
    {
        try
        {
            foreach (T item in source)
            {
                _stop.Token.ThrowIfCancellationRequested();
                while (!_coming.Writer.TryWrite(item))
                    Wait(_coming.Writer.WaitToWriteAsync(_stop.Token));
            }
            _coming.Writer.Complete();
        }
        catch (Exception error)
        {
            // The taker gets it behind the items before it. Where it is only that the taker has left, nobody does.
            _coming.Writer.Complete(error);
        }
    }

    private static bool Wait(ValueTask<bool> change) => change.AsTask().GetAwaiter().GetResult();
}
