using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// TorchSharp's form of a tensor in a stream: element type, number of dimensions and sizes as 7-bit encoded integers,
/// then the elements as they lie in memory, row-major.
/// </summary>
internal static class TensorStream
{
    private const int ChunkLength = 1 << 26;

    public static unsafe void Write(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var source = tensor.detach().cpu().contiguous();
        writer.Write7BitEncodedInt64((long)source.dtype);
        var shape = source.shape;
        writer.Write7BitEncodedInt64(shape.Length);
        foreach (var size in shape) writer.Write7BitEncodedInt64(size);
        var data = (byte*)source.DataPointer;
        var length = source.numel() * source.ElementSize;
        for (long done = 0; done < length; done += ChunkLength)
            writer.Write(new ReadOnlySpan<byte>(data + done, (int)Math.Min(ChunkLength, length - done)));
    }

    /// <summary>Overwrites <paramref name="target"/>, which must have the stream's type and shape.</summary>
    public static unsafe void ReadInto(BinaryReader reader, Tensor target, string name)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != target.dtype)
            throw new ArgumentException($"'{name}' is {type} in the stream, but {target.dtype} in the target. Convert the target first.", nameof(reader));
        if (!shape.AsSpan().SequenceEqual(target.shape))
            throw new ArgumentException($"'{name}' has shape [{string.Join(",", shape)}] in the stream, but [{string.Join(",", target.shape)}] in the target.", nameof(reader));

        using var noGradient = no_grad();
        using var read = empty(shape, dtype: type);
        var data = (byte*)read.DataPointer;
        var length = read.numel() * read.ElementSize;
        for (long done = 0; done < length; done += ChunkLength)
            reader.ReadExactly(new Span<byte>(data + done, (int)Math.Min(ChunkLength, length - done)));
        target.copy_(read);
    }

    public static void Skip(BinaryReader reader)
    {
        var (type, shape) = ReadHeader(reader);
        using var single = empty(1, dtype: type);
        var length = single.ElementSize;
        foreach (var size in shape) length = checked(length * size);
        var chunk = new byte[(int)Math.Min(1 << 16, length)];
        for (long done = 0; done < length; done += chunk.Length)
            reader.ReadExactly(chunk.AsSpan(0, (int)Math.Min(chunk.Length, length - done)));
    }

    private static (ScalarType type, long[] shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.Read7BitEncodedInt64();
        if (!Enum.IsDefined(type)) throw new InvalidDataException($"The stream names {(long)type} as an element type, which does not exist.");
        var dimensions = reader.Read7BitEncodedInt64();
        if (dimensions is < 0 or > 64) throw new InvalidDataException($"The stream gives a tensor {dimensions} dimensions; 0 to 64 are possible.");
        var shape = new long[dimensions];
        foreach (ref var size in shape.AsSpan())
        {
            size = reader.Read7BitEncodedInt64();
            if (size < 0) throw new InvalidDataException($"The stream gives a tensor a size of {size}; sizes are 0 or more.");
        }
        return (type, shape);
    }
}
