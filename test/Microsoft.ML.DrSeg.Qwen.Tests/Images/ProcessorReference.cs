using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Pictures and what Pillow and transformers make of them, as bytes and numbers without tensors.</summary>
internal static class ProcessorReference
{
    private static readonly byte[] File = System.IO.File.ReadAllBytes(Reference.PathOf("processors.data.safetensors"));
    private static readonly int Start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(File);
    private static readonly JsonElement Header = JsonSerializer.Deserialize<JsonElement>(File.AsSpan(8..Start));

    public static JsonElement Facts { get; } = JsonSerializer.Deserialize<JsonElement>(System.IO.File.ReadAllText(Reference.PathOf("processors.json")));

    public static RgbImage Picture(string name)
    {
        int[] shape = [.. Header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(side => side.GetInt32())];
        return new(shape[1], shape[0], Bytes(name).ToArray());
    }

    public static float[] Numbers(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    private static ReadOnlySpan<byte> Bytes(string name)
    {
        JsonElement offsets = Header.GetProperty(name).GetProperty("data_offsets");
        return File.AsSpan((Start + offsets[0].GetInt32())..(Start + offsets[1].GetInt32()));
    }
}
