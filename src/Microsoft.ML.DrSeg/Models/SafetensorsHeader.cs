using System.Buffers.Binary;
using System.Text.Json;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Type">Its element type as the format writes it, such as BF16; one of <see cref="SafetensorsHeader.ElementSizes"/>.</param>
/// <param name="Shape">Its sides.</param>
/// <param name="From">Its first byte, counted from the end of the header.</param>
/// <param name="To">The byte after its last.</param>
internal sealed record StoredTensor(string Type, long[] Shape, long From, long To);

/// <summary>
/// The head of a safetensors file, which says where everything lies: eight bytes of header length (little-endian), then JSON
/// that gives every tensor's type, shape and byte range. Whatever it says has been checked against the file's length.
/// Format: https://github.com/huggingface/safetensors.
/// </summary>
internal static class SafetensorsHeader
{
    private const int LongestHeader = 100_000_000;

    /// <summary>Bytes of an element of each type that files may hold.</summary>
    public static readonly IReadOnlyDictionary<string, int> ElementSizes = new Dictionary<string, int>
    {
        ["F32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I64"] = 8, ["U8"] = 1,
    };

    /// <summary>Reads the header, and leaves the stream at the first byte of the tensors.</summary>
    /// <param name="stream">Where from, at its beginning; knows its length.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <exception cref="InvalidDataException">It is not a safetensors file, is cut short, or says what cannot be.</exception>
    public static Dictionary<string, StoredTensor> Read(Stream stream, string source)
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
            return Parse(header, stream.Length - stream.Position, source);
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"'{source}' is cut short: it ends within its header. Fetch or write it again.", error);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new InvalidDataException($"'{source}' has a damaged header: {error.Message}", error);
        }
    }

    private static Dictionary<string, StoredTensor> Parse(byte[] header, long available, string source)
    {
        var tensors = new Dictionary<string, StoredTensor>();
        using var json = JsonDocument.Parse(header);
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            if (entry.NameEquals("__metadata__")) continue;
            StoredTensor tensor = Tensor(entry.Name, entry.Value, available, source);
            if (!tensors.TryAdd(entry.Name, tensor))
                throw new InvalidDataException($"'{source}' has a damaged header: it holds the tensor '{entry.Name}' twice.");
        }
        RequireApart(tensors, source);
        return tensors;
    }

    private static StoredTensor Tensor(string name, JsonElement entry, long available, string source)
    {
        string type = entry.GetProperty("dtype").GetString() ?? "null";
        if (!ElementSizes.TryGetValue(type, out int elementSize))
            throw new InvalidDataException($"'{source}' holds the tensor '{name}' as {type}; expected one of {string.Join(", ", ElementSizes.Keys)}.");
        long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())];
        JsonElement range = entry.GetProperty("data_offsets");
        if (range.GetArrayLength() != 2)
            throw new InvalidDataException($"'{source}' has a damaged header: the tensor '{name}' has {range.GetArrayLength()} offsets instead of two.");
        long from = range[0].GetInt64(), to = range[1].GetInt64();
        long size = shape.Aggregate((long)elementSize, (product, side) => checked(product * side));
        if (from < 0 || shape.Any(side => side < 0) || checked(to - from) != size)
            throw new InvalidDataException($"'{source}' gives the tensor '{name}' of shape [{string.Join(", ", shape)}] the bytes {from} to {to}; it needs {size}.");
        if (to > available)
            throw new InvalidDataException($"'{source}' is cut short: the tensor '{name}' ends at byte {to} of {available}. Fetch or write it again.");
        return new StoredTensor(type, shape, from, to);
    }

    // A few bytes that are a thousand tensors would fill the memory.
    private static void RequireApart(Dictionary<string, StoredTensor> tensors, string source)
    {
        long taken = 0;
        foreach ((string name, StoredTensor tensor) in tensors.Where(entry => entry.Value.To > entry.Value.From).OrderBy(entry => entry.Value.From))
        {
            if (tensor.From < taken)
                throw new InvalidDataException($"'{source}' gives bytes of the tensor '{name}' to other tensors too.");
            taken = tensor.To;
        }
    }
}
