using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// What processes that share a run have to have in common: options, base model and rows. Where they have not, all of them stop and say
/// wherein which differs from the first; without this each would train another model, and nobody would notice.
/// </summary>
internal static class GroupAgreement
{
    private const string BaseModel = "The base model";

    /// <param name="options">The options that training depends on, by name.</param>
    /// <param name="baseModel">The checksum of the base model; empty where it has none.</param>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void RequireSame(IProcessGroup group, IReadOnlyDictionary<string, string> options, string baseModel)
    {
        if (group.Size == 1) return;
        Dictionary<string, string>[] all = [.. group.Gather(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(options) { [BaseModel] = baseModel }))
            .Select(bytes => JsonSerializer.Deserialize<Dictionary<string, string>>(bytes)!)];
        for (int rank = 1; rank < all.Length; rank++)
        {
            string Of(int one, string option) => option == BaseModel ? $"of checksum {all[one][option][..Math.Min(12, all[one][option].Length)]}" : all[one].GetValueOrDefault(option) ?? OptionReading.Text(null);
            string[] differences = [.. all[0].Keys.Union(all[rank].Keys).Where(option => all[0].GetValueOrDefault(option) != all[rank].GetValueOrDefault(option))
                .Select(option => $"{option} is {Of(rank, option)}, not {Of(0, option)}")];
            if (differences.Length > 0)
                throw new InvalidOperationException($"Rank {rank} was told something else than rank 0: {string.Join("; ", differences)}. Start all ranks with the same options and the same base model.");
        }
    }

    /// <param name="examples">What a step asks.</param>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void RequireSame(IProcessGroup group, int step, IReadOnlyList<SegmentationExample> examples)
    {
        if (group.Size == 1) return;
        var hash = new XxHash64();
        foreach (SegmentationExample example in examples)
        {
            hash.Append(MemoryMarshal.AsBytes<long>([example.Id, example.Image.Width, example.Image.Height, example.Mask.Area]));
            hash.Append(MemoryMarshal.AsBytes(example.Query.AsSpan()));
        }
        ulong[][] all = group.GatherValues<ulong>([hash.GetCurrentHashAsUInt64()]);
        int other = Array.FindIndex(all, one => one[0] != all[0][0]);
        if (other >= 0)
            throw new InvalidOperationException($"Rank {other} has read other rows than rank 0 for {Rollout.Place(step, examples)}. Give all ranks the same data, in the same order.");
    }
}
