namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Makes the coming batches on other threads while the current one is being trained on. Batches arrive in order and
/// each depends on its number only, so that the result is the same as without.
/// </summary>
internal sealed class Prefetcher<T>(Func<int, T> produce, int count, int ahead) : IDisposable
{
    private readonly Queue<Task<T>> coming = new();
    private readonly CancellationTokenSource stop = new();
    private int next;

    public IEnumerable<T> Batches()
    {
        for (int i = 0; i < count; i++)
        {
            while (next < count && coming.Count < ahead)
            {
                int number = next++;
                coming.Enqueue(Task.Run(() => produce(number), stop.Token));
            }
            yield return coming.Dequeue().GetAwaiter().GetResult();
        }
    }

    // A batch under way is waited for, so that none outlives what it reads from.
    public void Dispose()
    {
        stop.Cancel();
        foreach (Task<T> task in coming)
            task.ContinueWith(static done => _ = done.Exception, TaskScheduler.Default).Wait();
        stop.Dispose();
    }
}
