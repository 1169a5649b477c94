using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>A group whose processes are threads of this one.</summary>
internal sealed class ThreadGroup : IDisposable
{
    private readonly Barrier _barrier;
    private readonly CancellationTokenSource _failed = new();
    private readonly float[][] _values;
    private readonly byte[][] _bytes;

    private ThreadGroup(int size)
    {
        _barrier = new Barrier(size);
        (_values, _bytes) = (new float[size][], new byte[size][]);
    }

    /// <summary>Does work on so many threads, and gives what each returned; where one fails, its exception.</summary>
    public static T[] Run<T>(int size, Func<IProcessGroup, T> work)
    {
        using var group = new ThreadGroup(size);
        var results = new T[size];
        var errors = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new Member(group, rank));
            }
            catch (Exception error)
            {
                errors[rank] = error;
                group._failed.Cancel();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        // Whoever was waiting for the one that failed was cancelled.
        Exception? first = errors.OfType<Exception>().OrderBy(error => error is OperationCanceledException cancelled && cancelled.CancellationToken == group._failed.Token).FirstOrDefault();
        return first is null ? results : throw first;
    }

    public void Dispose()
    {
        _barrier.Dispose();
        _failed.Dispose();
    }

    private sealed class Member(ThreadGroup group, int rank) : IProcessGroup
    {
        public int Rank => rank;

        public int Size => group._bytes.Length;

        public void Sum(Span<float> values)
        {
            group._values[rank] = values.ToArray();
            Wait();
            for (int i = 0; i < values.Length; i++) values[i] = group._values.Sum(own => own[i]);
            Wait();
        }

        public byte[][] Gather(ReadOnlySpan<byte> own)
        {
            group._bytes[rank] = own.ToArray();
            Wait();
            byte[][] all = [.. group._bytes];
            Wait();
            return all;
        }

        private void Wait() => group._barrier.SignalAndWait(group._failed.Token);
    }
}
