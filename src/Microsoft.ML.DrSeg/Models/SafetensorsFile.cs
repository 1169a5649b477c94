using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Tensors in the safetensors format: the header that <see cref="SafetensorsHeader"/> reads, padded to a multiple of eight bytes,
/// then the raw bytes. Only F32, the type of all weights of the models that are saved here.
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>Writes tensors in the order of their names.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Of Float32.</param>
    /// <param name="format">What the header calls their origin, such as "pt", which Python's libraries look for; null for nothing.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors, string? format = null)
    {
        string[] names = [.. tensors.Keys.Order(StringComparer.Ordinal)];
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            if (format is not null)
            {
                json.WriteStartObject("__metadata__");
                json.WriteString("format", format);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (string name in names)
            {
                torch.Tensor tensor = tensors[name];
                long end = offset + tensor.numel() * sizeof(float);
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        // The tensors begin at a multiple of eight bytes: the header is padded with spaces.
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer(), 0, (int)header.Length);
        foreach (string name in names)
        {
            using var scope = torch.NewDisposeScope();
            float[] values = tensors[name].Floats();
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>Reads all tensors.</summary>
    /// <param name="stream">Where from, at its beginning; knows its length.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <exception cref="InvalidDataException">It is not a safetensors file, is cut short, or holds another type than F32.</exception>
    public static Dictionary<string, (long[] Shape, float[] Values)> Read(Stream stream, string source)
    {
        Dictionary<string, StoredTensor> stored = SafetensorsHeader.Read(stream, source);
        if (stored.FirstOrDefault(tensor => tensor.Value.Type != "F32") is { Value: { } other, Key: { } name })
            throw new InvalidDataException($"'{source}' holds the tensor '{name}' as {other.Type}; expected F32.");
        long begin = stream.Position;
        return stored.ToDictionary(tensor => tensor.Key, tensor => (tensor.Value.Shape, Values(stream, begin, tensor.Value)));
    }

    private static float[] Values(Stream stream, long begin, StoredTensor tensor)
    {
        var values = new float[(tensor.To - tensor.From) / sizeof(float)];
        stream.Position = begin + tensor.From;
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Moves a stored tensor out of what was read and into a tensor of the same shape.</summary>
    /// <exception cref="InvalidDataException">It is missing, has another shape, or holds a value that is not finite.</exception>
    public static void Take(this Dictionary<string, (long[] Shape, float[] Values)> read, string name, torch.Tensor target)
    {
        RequireShape(read, name, target.shape);
        using IDisposable noGradient = torch.no_grad();
        using torch.Tensor values = read.Take(name);
        target.copy_(values);
    }

    /// <summary>Moves a stored tensor, which is there, out of what was read.</summary>
    /// <exception cref="InvalidDataException">It holds a value that is not finite.</exception>
    public static torch.Tensor Take(this Dictionary<string, (long[] Shape, float[] Values)> read, string name)
    {
        read.Remove(name, out (long[] Shape, float[] Values) stored);
        return Array.TrueForAll(stored.Values, float.IsFinite)
            ? torch.tensor(stored.Values, stored.Shape)
            : throw new InvalidDataException($"The tensor '{name}' holds values that are not finite.");
    }

    /// <summary>Checks that what was read are tensors of these names and shapes, and no others.</summary>
    /// <exception cref="InvalidDataException">One is missing, has another shape, or is one too many.</exception>
    public static void RequireShapes(this Dictionary<string, (long[] Shape, float[] Values)> read, IReadOnlyDictionary<string, long[]> expected)
    {
        foreach ((string name, long[] shape) in expected)
            RequireShape(read, name, shape);
        foreach ((string name, (long[] shape, _)) in read)
            if (!expected.ContainsKey(name))
                throw new InvalidDataException($"It holds the unknown tensor '{name}', {Text(shape)}; expected none of this name.");
    }

    private static void RequireShape(Dictionary<string, (long[] Shape, float[] Values)> read, string name, long[] expected)
    {
        if (!read.TryGetValue(name, out (long[] Shape, float[] Values) found))
            throw new InvalidDataException($"The tensor '{name}' is missing; expected {Text(expected)}.");
        if (!found.Shape.SequenceEqual(expected))
            throw new InvalidDataException($"The tensor '{name}' is {Text(found.Shape)}; expected {Text(expected)}.");
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
