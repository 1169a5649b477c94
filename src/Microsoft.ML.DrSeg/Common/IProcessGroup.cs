namespace Microsoft.ML.DrSeg.Common;

/// <summary>
/// The processes that work on one training together, on one machine or on many: all that training has to know of the engine that joins them.
/// Every method is called by every process, in the same order, and returns once all have called it.
/// </summary>
/// <remarks>
/// What a process gets from <see cref="Sum"/> and <see cref="Gather"/> is the same everywhere, to the last bit: the weights of all processes
/// stay alike because of it.
/// </remarks>
public interface IProcessGroup
{
    /// <summary>This process among all, from 0. The first one alone writes what a run leaves behind.</summary>
    int Rank { get; }

    /// <summary>How many there are, at least 1.</summary>
    int Size { get; }

    /// <summary>Adds up the values of all processes, place by place.</summary>
    /// <param name="values">In: this process's; of the same length everywhere. Out: the sums.</param>
    void Sum(Span<float> values);

    /// <summary>Hands the bytes of every process to all.</summary>
    /// <param name="own">This process's; of any length, also none.</param>
    /// <returns>Those of each process, in their order.</returns>
    byte[][] Gather(ReadOnlySpan<byte> own);
}
