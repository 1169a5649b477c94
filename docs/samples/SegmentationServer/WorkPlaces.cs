namespace SegmentationServer;

/// <summary>
/// Lets only so much work run at once. Work cannot be stopped halfway: whoever waits for it no longer is let go, but its place
/// is free only when it ends.
/// </summary>
/// <param name="count">How many places there are.</param>
public sealed class WorkPlaces(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Waits for a place and then for the work, as long as the caller does.</summary>
    /// <exception cref="OperationCanceledException">The caller waits no longer; work that has begun goes on.</exception>
    public async Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        Task<T> running = Task.Run(() =>
        {
            try
            {
                return work();
            }
            finally
            {
                _free.Release();
            }
        }, CancellationToken.None);
        return await running.WaitAsync(cancellation);
    }

    public void Dispose() => _free.Dispose();
}
