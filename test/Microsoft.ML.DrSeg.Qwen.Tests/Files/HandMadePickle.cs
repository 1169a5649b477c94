using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Pickles of protocol 2 and checkpoints written operation by operation.</summary>
internal sealed class HandMadePickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    public byte[] Bytes => [.. _bytes];

    public HandMadePickle Do(params ReadOnlySpan<byte> operations)
    {
        _bytes.AddRange(operations);
        return this;
    }

    public HandMadePickle Do(string operations) => Do(Encoding.ASCII.GetBytes(operations));

    public HandMadePickle Text(string text) => Do("X").Do(BitConverter.GetBytes(text.Length)).Do(text);

    public HandMadePickle Global(string module, string name) => Do($"c{module}\n{name}\n");

    /// <summary>A whole number of up to eight bytes.</summary>
    public HandMadePickle Number(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Do(0x8a, 8).Do(bytes);
    }

    public HandMadePickle Tuple(params long[] numbers)
    {
        Do("(");
        foreach (long number in numbers) Number(number);
        return Do("t");
    }

    /// <summary>torch._utils._rebuild_tensor_v2 of a storage.</summary>
    public HandMadePickle Tensor(string key, long length, long offset, long[] shape, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Do("((").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(length).Do("tQ")
            .Number(offset).Tuple(shape).Tuple(strides).Do(0x89).Global("collections", "OrderedDict").Do(")RtR");

    /// <summary>A dictionary of one entry, whose value was written last.</summary>
    public static HandMadePickle Named(string name, Action<HandMadePickle> value)
    {
        HandMadePickle pickle = new HandMadePickle().Do("}").Text(name);
        value(pickle);
        return pickle.Do("s.");
    }

    /// <summary>A checkpoint of a pickle and storages.</summary>
    public static void Write(string path, byte[] pickle, CompressionLevel compression, params (string Key, byte[] Bytes)[] storages)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in storages.Select(storage => ($"archive/data/{storage.Key}", storage.Bytes)).Prepend(("archive/data.pkl", pickle)))
        {
            using Stream stream = zip.CreateEntry(name, compression).Open();
            stream.Write(bytes);
        }
    }
}
