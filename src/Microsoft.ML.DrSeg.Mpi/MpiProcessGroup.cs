using System.Text;
using Microsoft.ML.DrSeg.Common;
using Unsafe = MPI.Unsafe;

namespace Microsoft.ML.DrSeg.Mpi;

/// <summary>
/// The processes that mpirun has started, joined by MPI. A program of one's own does its work in <see cref="Run"/> and gives the group to
/// <c>GrpoSegmentationTrainer.Options.ProcessGroup</c>; started without mpirun, it works alone and touches no MPI.
/// </summary>
/// <remarks>
/// Only arrays of numbers travel. One thread uses the group, the same from beginning to end. A rank that dies takes the job with it: what was
/// trained since the last checkpoint is lost, and nothing else.
/// </remarks>
public sealed class MpiProcessGroup : IProcessGroup
{
    /// <summary>How long a rank waits for the others where nobody says otherwise.</summary>
    internal static readonly TimeSpan UsualTimeLimit = TimeSpan.FromMinutes(30);

    private const int Serialized = 2; // MPI_THREAD_SERIALIZED: by one thread at a time.

    private readonly TimeSpan _timeLimit;

    private MpiProcessGroup(TimeSpan timeLimit)
    {
        _timeLimit = timeLimit;
        _ = Unsafe.MPI_Comm_rank(Unsafe.MPI_COMM_WORLD, out int rank);
        _ = Unsafe.MPI_Comm_size(Unsafe.MPI_COMM_WORLD, out int size);
        (Rank, Size) = (rank, size);
        Members = [.. Gather(Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}")).Select(Encoding.UTF8.GetString)];
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Process and host of each rank, by which mpirun names the one that died.</summary>
    internal IReadOnlyList<string> Members { get; }

    /// <summary>
    /// Does a program's work in every process that mpirun has started. A rank whose work fails says why and ends the job; one that is
    /// cancelled waits for the others, which are cancelled too.
    /// </summary>
    /// <param name="work">Given the group, or null where the program was started without mpirun.</param>
    /// <param name="timeLimit">How long a rank waits for the others before it gives up and ends the job; null for half an hour.</param>
    /// <exception cref="InvalidOperationException">mpirun has started this, but MPI is missing or of another kind; the message names the package.</exception>
    public static void Run(Action<IProcessGroup?> work, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        MpiProcessGroup? group = JoinIfStarted(timeLimit ?? UsualTimeLimit);
        try
        {
            work(group);
        }
        catch (Exception error) when (group is not null && error is not OperationCanceledException)
        {
            group.Abort(1, error.ToString());
        }
        catch (OperationCanceledException)
        {
            group?.Leave();
            throw;
        }
        group?.Leave();
    }

    /// <inheritdoc/>
    public unsafe void Sum(Span<float> values)
    {
        var room = new float[values.Length];
        using var limit = new Patience(this, $"to add up {values.Length:N0} numbers");
        fixed (float* own = values, sum = room)
            _ = Unsafe.MPI_Allreduce((IntPtr)own, (IntPtr)sum, values.Length, Unsafe.MPI_FLOAT, Unsafe.MPI_SUM, Unsafe.MPI_COMM_WORLD);
        room.CopyTo(values);
    }

    /// <inheritdoc/>
    public unsafe byte[][] Gather(ReadOnlySpan<byte> own)
    {
        int length = own.Length;
        var lengths = new int[Size];
        using var limit = new Patience(this, $"for what they have to say, having said {length:N0} bytes");
        fixed (int* all = lengths)
            _ = Unsafe.MPI_Allgather((IntPtr)(&length), 1, Unsafe.MPI_INT, (IntPtr)all, 1, Unsafe.MPI_INT, Unsafe.MPI_COMM_WORLD);
        var begins = new int[Size];
        for (int rank = 1; rank < Size; rank++) begins[rank] = checked(begins[rank - 1] + lengths[rank - 1]);
        var together = new byte[checked(begins[^1] + lengths[^1])];
        fixed (byte* from = own, to = together)
            _ = Unsafe.MPI_Allgatherv((IntPtr)from, length, Unsafe.MPI_BYTE, (IntPtr)to, lengths, begins, Unsafe.MPI_BYTE, Unsafe.MPI_COMM_WORLD);
        return [.. begins.Zip(lengths, (begin, count) => together.AsSpan(begin, count).ToArray())];
    }

    /// <summary>Joins the processes that mpirun has started; null where it has not.</summary>
    /// <exception cref="InvalidOperationException">MPI is missing or of another kind.</exception>
    internal static unsafe MpiProcessGroup? JoinIfStarted(TimeSpan timeLimit)
    {
        if (!Launcher.HasStartedThis()) return null;
        MpiLibrary.Load();
        int arguments = 0;
        byte** none = null;
        _ = Unsafe.MPI_Init_thread(ref arguments, ref none, Serialized, out _);
        return new MpiProcessGroup(timeLimit);
    }

    /// <summary>Says why, and ends the job: all of its processes, on all machines.</summary>
    internal void Abort(int code, string why)
    {
        // What all ranks meet, the first one tells.
        if (Rank != 0) Thread.Sleep(TimeSpan.FromSeconds(1));
        Console.Error.WriteLine($"rank {Rank} of {Size} ({Members[Rank]}): {why}");
        // What mpirun has not passed on when it ends its processes is lost.
        Thread.Sleep(TimeSpan.FromSeconds(0.5));
        _ = Unsafe.MPI_Abort(Unsafe.MPI_COMM_WORLD, code);
    }

    /// <summary>Ends this process's part, once all others have come to their end too.</summary>
    internal void Leave()
    {
        using var limit = new Patience(this, "to come to their end");
        _ = Unsafe.MPI_Finalize();
    }

    /// <summary>Ends the process where the others do not come in time; MPI itself would wait for ever.</summary>
    private sealed class Patience : IDisposable
    {
        private readonly Timer _timer;

        public Patience(MpiProcessGroup group, string what) => _timer = new Timer(_ =>
        {
            Console.Error.WriteLine($"rank {group.Rank} of {group.Size} ({group.Members?[group.Rank]}): waited {group._timeLimit} for the others {what}, and gives up. One of them hangs or cannot be reached; what was trained up to the last checkpoint is there to go on from. A longer wait is an option: the time limit.");
            // MPI may be called by the thread alone that waits within it, so that the process ends by itself: mpirun ends the others.
            Environment.Exit(1);
        }, null, group._timeLimit, Timeout.InfiniteTimeSpan);

        public void Dispose() => _timer.Dispose();
    }
}
