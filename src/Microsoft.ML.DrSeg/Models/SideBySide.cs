using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Independent pieces of work at once, each on one thread of torch, as many as the caller's torch has threads: small models use
/// several cores better side by side than one after the other, and their figures do not depend on how many cores there are.
/// </summary>
internal static class SideBySide
{
    /// <param name="work">Does one piece, on any thread: dispose scopes and <c>no_grad</c> of the caller do not reach there.</param>
    public static TResult[] Run<T, TResult>(IReadOnlyList<T> pieces, Func<T, TResult> work, CancellationToken cancellation = default)
    {
        var results = new TResult[pieces.Count];
        int threads = torch.get_num_threads();
        try
        {
            Parallel.For(0, pieces.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
            {
                // Every thread has its own setting; a borrowed one gets it back for whoever uses it next.
                torch.set_num_threads(1);
                try
                {
                    results[i] = work(pieces[i]);
                }
                finally
                {
                    torch.set_num_threads(threads);
                }
            });
            return results;
        }
        catch (AggregateException several) when (several.InnerExceptions.Count > 0)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
            throw;
        }
    }

    /// <summary>The same for lists that are computed batch by batch; a single batch has all threads to itself.</summary>
    /// <param name="work">Computes one batch, one result an item.</param>
    /// <param name="device">Where it is computed: a GPU takes one batch after the other.</param>
    public static TResult[] Batches<T, TResult>(IReadOnlyList<T> items, int batchSize, Func<T[], TResult[]> work, torch.Device device)
    {
        T[][] batches = [.. items.Chunk(batchSize)];
        return batches.Length < 2 || device.type != DeviceType.CPU
            ? [.. batches.SelectMany(work)]
            : [.. Run(batches, work).SelectMany(results => results)];
    }
}
