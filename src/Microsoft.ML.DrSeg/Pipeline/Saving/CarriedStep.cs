using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A step that travels through an ML.NET model file as a vector of bytes: SHA-256, then its <see cref="DrSegFile"/>. Every row
/// brings the vector along; the checksum tells whether it is the step that the last row brought, so that it is loaded once.
/// Steps of equal models share one.
/// </summary>
/// <remarks>Loaded onto the processor. Custom mappings are never disposed: the model goes when the last of its steps is collected.</remarks>
internal sealed class CarriedStep<TStep>
    where TStep : RowTransformer
{
    private readonly Lock _loading = new();
    private volatile Loaded? _last;

    private sealed record Loaded(byte[] Checksum, TStep Step);

    public static byte[] Pack(TStep step)
    {
        using var file = new MemoryStream();
        DrSegFile.Write(file, [step]);
        byte[] content = file.ToArray();
        return [.. SHA256.HashData(content), .. content];
    }

    /// <summary>The step that a row brought along. Threads may ask at once.</summary>
    public TStep Unpack(in VBuffer<byte> state)
    {
        ReadOnlySpan<byte> bytes = state.GetValues();
        if (bytes.Length < SHA256.HashSizeInBytes || !state.IsDense)
            throw new InvalidDataException($"The state of a {typeof(TStep).Name} in the model file is damaged: it has {bytes.Length} bytes. Save the model again.");
        ReadOnlySpan<byte> checksum = bytes[..SHA256.HashSizeInBytes];
        if (_last is { } known && checksum.SequenceEqual(known.Checksum))
            return known.Step;
        lock (_loading)
        {
            if (_last is { } loaded && checksum.SequenceEqual(loaded.Checksum))
                return loaded.Step;
            byte[] file = bytes[SHA256.HashSizeInBytes..].ToArray();
            if (!SHA256.HashData(file).AsSpan().SequenceEqual(checksum))
                throw new InvalidDataException($"The state of a {typeof(TStep).Name} in the model file is damaged: the checksum differs. Save the model again.");
            if (DrSegFile.Read(new MemoryStream(file, writable: false), "the state in the model file", CarriedModels.Load) is not [TStep step])
                throw new InvalidDataException($"The state in the model file is not that of one {typeof(TStep).Name}. Save the model again.");
            _last = new Loaded(checksum.ToArray(), step);
            return step;
        }
    }
}

/// <summary>Models that were loaded from ML.NET model files and are still in use: the steps of one pipeline bring the same one each.</summary>
internal static class CarriedModels
{
    private static readonly Dictionary<string, WeakReference<DrSegModel>> InUse = [];

    public static DrSegModel Load(ZipArchive zip)
    {
        string checksum = DrSegModelFile.ChecksumIn(zip);
        lock (InUse)
        {
            foreach (string gone in InUse.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToArray())
                InUse.Remove(gone);
            if (InUse.TryGetValue(checksum, out WeakReference<DrSegModel>? entry) && entry.TryGetTarget(out DrSegModel? same))
                return same;
            DrSegModel loaded = DrSegModelFile.Read(zip, device: null);
            InUse.Add(checksum, new WeakReference<DrSegModel>(loaded));
            return loaded;
        }
    }
}
