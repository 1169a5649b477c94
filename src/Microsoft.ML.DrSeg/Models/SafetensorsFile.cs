using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Tensors in the safetensors format: eight bytes of header length (little-endian), a JSON header that gives every
/// tensor's type, shape and byte range, then the raw bytes. Only F32, the type of all weights here.
/// Format: https://github.com/huggingface/safetensors.
/// </summary>
internal static class SafetensorsFile
{
    private const int LongestHeader = 100_000_000;

    /// <summary>Writes tensors in the order of their names.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        string[] names = [.. tensors.Keys.Order(StringComparer.Ordinal)];
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
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
            float[] values = tensors[name].detach().cpu().contiguous().data<float>().ToArray();
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>Reads all tensors.</summary>
    /// <param name="stream">Where from; knows its length.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <exception cref="InvalidDataException">It is not a safetensors file, is cut short, or holds another type than F32.</exception>
    public static Dictionary<string, (long[] Shape, float[] Values)> Read(Stream stream, string source)
    {
        try
        {
            Span<byte> length = stackalloc byte[8];
            stream.ReadExactly(length);
            long headerLength = BinaryPrimitives.ReadInt64LittleEndian(length);
            if (headerLength is < 2 or > LongestHeader || headerLength > stream.Length)
                throw new InvalidDataException($"'{source}' is not a safetensors file: its header would be {headerLength} bytes long.");
            var header = new byte[headerLength];
            stream.ReadExactly(header);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return Parse(header, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), source);
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"'{source}' is cut short: it ends within its header. Fetch or write it again.", error);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"'{source}' has a damaged header: {error.Message}", error);
        }
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

    private static Dictionary<string, (long[] Shape, float[] Values)> Parse(byte[] header, ReadOnlySpan<byte> bytes, string source)
    {
        var tensors = new Dictionary<string, (long[], float[])>();
        // Tensors share no bytes: a few bytes that are a thousand tensors would fill the memory.
        long free = bytes.Length;
        using var json = JsonDocument.Parse(header);
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            if (entry.NameEquals("__metadata__")) continue;
            string? type = entry.Value.GetProperty("dtype").GetString();
            if (type != "F32")
                throw new InvalidDataException($"'{source}' holds the tensor '{entry.Name}' as {type}; expected F32.");
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            JsonElement range = entry.Value.GetProperty("data_offsets");
            long from = range[0].GetInt64(), to = range[1].GetInt64(), size = shape.Aggregate((long)sizeof(float), (product, side) => checked(product * side));
            if (from < 0 || shape.Any(side => side < 0) || to - from != size)
                throw new InvalidDataException($"'{source}' gives the tensor '{entry.Name}' of shape {Text(shape)} the bytes {from} to {to}; it needs {size}.");
            if (to > bytes.Length)
                throw new InvalidDataException($"'{source}' is cut short: the tensor '{entry.Name}' ends at byte {to} of {bytes.Length}. Fetch or write it again.");
            if ((free -= size) < 0)
                throw new InvalidDataException($"'{source}' gives bytes of the tensor '{entry.Name}' to other tensors too.");
            var values = new float[size / sizeof(float)];
            bytes[(int)from..(int)to].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            tensors.Add(entry.Name, (shape, values));
        }
        return tensors;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
