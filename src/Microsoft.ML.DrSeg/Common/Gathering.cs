using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>What processes tell each other, made of <see cref="IProcessGroup.Gather"/>. Numbers travel as they lie in memory: all machines of a group are of one kind.</summary>
internal static class Gathering
{
    private const int Chunk = 1 << 26;

    /// <summary>The values of every process, for all.</summary>
    public static T[][] GatherValues<T>(this IProcessGroup group, ReadOnlySpan<T> own) where T : struct =>
        [.. group.Gather(MemoryMarshal.AsBytes(own)).Select(bytes => MemoryMarshal.Cast<byte, T>(bytes).ToArray())];

    /// <summary>Whether it is so in any process.</summary>
    public static bool Any(this IProcessGroup group, bool own) => group.Size == 1 ? own : group.Gather([(byte)(own ? 1 : 0)]).Any(one => one[0] != 0);

    /// <summary>What the first process says; what the others say does not matter.</summary>
    public static bool First(this IProcessGroup group, bool own) => group.Size == 1 ? own : group.Gather([(byte)(own ? 1 : 0)])[0][0] != 0;

    /// <summary>Whether batch number so much of something that is shared out batch by batch is this process's.</summary>
    public static bool IsOwn(this IProcessGroup group, int batch) => batch % group.Size == group.Rank;

    /// <summary>The results of batches that were shared out by <see cref="IsOwn"/>, in the order that they have in one process.</summary>
    /// <param name="own">Those of this process's batches, one after the other.</param>
    public static T[] InOrder<T>(this IProcessGroup group, IReadOnlyList<T[]> own) where T : struct
    {
        if (group.Size == 1) return [.. own.SelectMany(batch => batch)];
        int[][] lengths = group.GatherValues<int>(own.Select(batch => batch.Length).ToArray());
        T[][] values = group.GatherValues<T>(own.SelectMany(batch => batch).ToArray());
        return Interleave([.. lengths.Zip(values, (batches, all) =>
        {
            int from = 0;
            return batches.Select(length => all[from..(from += length)]).ToArray();
        })]);
    }

    /// <summary>The batches of all processes in the order that they have in one process.</summary>
    /// <param name="batches">Those of each process.</param>
    public static T[] Interleave<T>(T[][][] batches)
    {
        var all = new List<T>();
        for (int batch = 0; batch / batches.Length < batches[batch % batches.Length].Length; batch++)
            all.AddRange(batches[batch % batches.Length][batch / batches.Length]);
        return [.. all];
    }

    /// <summary>Hands a file of the first process to all others, which need not see its disk.</summary>
    /// <param name="path">The file; only the first process's matters.</param>
    /// <param name="read">Reads the file, or its copy.</param>
    public static TResult FromFirst<TResult>(this IProcessGroup group, string path, Func<string, TResult> read)
    {
        if (group.Size == 1) return read(path);
        string copy = Path.GetTempFileName();
        try
        {
            using (FileStream? file = group.Rank == 0 ? File.OpenRead(path) : null)
            using (FileStream written = File.Create(copy))
            {
                var chunk = new byte[file is null ? 0 : (int)Math.Min(file.Length, Chunk)];
                byte[] received;
                do
                {
                    int count = file?.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) ?? 0;
                    written.Write(received = group.Gather(chunk.AsSpan(0, count))[0]);
                }
                while (received.Length > 0);
            }
            return read(group.Rank == 0 ? path : copy);
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
