using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Safetensors files made by hand after the format's description.</summary>
internal static class HandMadeFile
{
    public static byte[] Safetensors(string header, params byte[] tensors)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text, .. tensors];
    }

    public static byte[] OneFloat(string name, float value) =>
        Safetensors($$$"""{"{{{name}}}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", BitConverter.GetBytes(value));
}
