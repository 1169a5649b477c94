using System.IO.MemoryMappedFiles;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// One safetensors file, mapped into memory: a tensor's bytes go straight from the file into the tensor, in the type that they
/// have, so that no more of a file of many gigabytes is in memory than what was asked for.
/// </summary>
internal sealed class MappedSafetensors : IDisposable
{
    // Elements: a span cannot hold 2^31 bytes, but the embedding of a large model in float32 does.
    private const long LargestPiece = 1 << 27;

    private readonly MemoryMappedFile _map;
    private readonly long _begin;

    /// <exception cref="InvalidDataException">It is no safetensors file, or damaged.</exception>
    public MappedSafetensors(string path)
    {
        Path = path;
        using FileStream stream = File.OpenRead(path);
        Tensors = SafetensorsHeader.Read(stream, path);
        _begin = stream.Position;
        _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <inheritdoc cref="ITensorSource.Read"/>
    public Tensor Read(string name, ScalarType? type, Device device)
    {
        using var scope = NewDisposeScope();
        StoredTensor stored = Tensors[name];
        Tensor tensor = empty(stored.Shape, TypeOf(stored.Type), CPU);
        using (Tensor flat = tensor.view(-1))
            Fill(flat, stored);
        return tensor.to(type ?? tensor.dtype, device).MoveToOuterDisposeScope();
    }

    public void Dispose() => _map.Dispose();

    private unsafe void Fill(Tensor flat, StoredTensor stored)
    {
        long elementSize = SafetensorsHeader.ElementSizes[stored.Type], count = flat.numel();
        // A view of no bytes would be one of the whole rest of the file.
        if (count == 0) return;
        // A view for this tensor alone: what it maps leaves the process's memory with it.
        using MemoryMappedViewAccessor view = _map.CreateViewAccessor(_begin + stored.From, stored.To - stored.From, MemoryMappedFileAccess.Read);
        byte* bytes = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref bytes);
        try
        {
            bytes += view.PointerOffset;
            for (long start = 0; start < count; start += LargestPiece)
            {
                long elements = Math.Min(LargestPiece, count - start);
                using Tensor piece = flat.narrow(0, start, elements);
                piece.bytes = new Span<byte>(bytes + start * elementSize, (int)(elements * elementSize));
            }
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static ScalarType TypeOf(string type) => type switch
    {
        "F32" => ScalarType.Float32,
        "F16" => ScalarType.Float16,
        "BF16" => ScalarType.BFloat16,
        "I64" => ScalarType.Int64,
        "U8" => ScalarType.Byte,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The header's reader lets no such type through."),
    };
}
