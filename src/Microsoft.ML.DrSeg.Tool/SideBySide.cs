using TorchSharp;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// Independent trainings and evaluations at once, each on one thread of torch: small models use several cores better side by
/// side than one after the other, and their figures do not depend on how many cores there are.
/// </summary>
internal static class SideBySide
{
    /// <summary>Does all pieces of work; their results come in the order of the pieces.</summary>
    public static TResult[] Run<T, TResult>(IReadOnlyList<T> pieces, Func<T, TResult> work, CancellationToken cancellation)
    {
        var results = new TResult[pieces.Count];
        int threads = torch.get_num_threads();
        try
        {
            // Every thread has its own setting.
            Parallel.For(0, pieces.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, i =>
            {
                torch.set_num_threads(1);
                results[i] = work(pieces[i]);
            });
            return results;
        }
        catch (AggregateException several) when (several.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
            throw;
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }
}
