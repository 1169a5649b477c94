using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

public class SafetensorsFileTests
{
    private const string TwoTensors = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}""";
    private static readonly float[] Values = [1.5f, -2f, 0.25f, 3f];

    /// <summary>A file made by hand after the format's description.</summary>
    private static byte[] File(string header, params float[] values)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), file = new byte[8 + text.Length + 4 * values.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(8 + text.Length + 4 * i), values[i]);
        return file;
    }

    private static Dictionary<string, (long[] Shape, float[] Values)> Read(byte[] file) => SafetensorsFile.Read(new MemoryStream(file), "test.safetensors");

    [Test]
    public void WritingGivesTheHandMadeBytes()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        // Names in ordinal order, whatever the order of the dictionary; the header is padded to a multiple of eight.
        SafetensorsFile.Write(stream, new Dictionary<string, Tensor> { ["b"] = tensor(Values[2..], [1, 2]), ["a"] = tensor(Values[..2], [2]) });
        int padding = (8 - TwoTensors.Length % 8) % 8;
        Assert.That(stream.ToArray(), Is.EqualTo(File(TwoTensors + new string(' ', padding), Values)));
    }

    [Test]
    public void AHandMadeFileIsRead()
    {
        var tensors = Read(File("""{"__metadata__":{"made by":"hand"},""" + TwoTensors[1..], Values));
        Assert.That(tensors.Keys, Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(tensors["a"].Shape, Is.EqualTo(new long[] { 2 }));
        Assert.That(tensors["a"].Values, Is.EqualTo(Values[..2]));
        Assert.That(tensors["b"].Shape, Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(tensors["b"].Values, Is.EqualTo(Values[2..]));
    }

    [Test]
    public void AFileCutShortAnywhereIsRefused()
    {
        byte[] whole = File(TwoTensors, Values);
        for (int length = 0; length < whole.Length; length++)
            Assert.That(() => Read(whole[..length]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("test.safetensors"), $"{length} bytes");
    }

    [TestCase("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", "F16")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "it needs 12")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "[-1, -2]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", "damaged header")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "bytes -8 to 0")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}""", "cut short")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "to other tensors too")]
    [TestCase("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "damaged header")]
    [TestCase("""{"a":7}""", "damaged header")]
    [TestCase("""[1, 2]""", "damaged header")]
    [TestCase("""{"a":""", "damaged header")]
    public void AHeaderThatDoesNotHoldIsRefused(string header, string said) =>
        Assert.That(() => Read(File(header, Values)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));

    [TestCase(long.MaxValue)]
    [TestCase(-1)]
    [TestCase(99_000_000)]
    public void AHeaderLongerThanTheFileTakesNoMemory(long length)
    {
        byte[] file = File(TwoTensors, Values);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Read(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"{length} bytes long"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void BytesOfAnotherKindAreRefused() =>
        Assert.That(() => Read("This is a text, not a file of tensors."u8.ToArray()), Throws.TypeOf<InvalidDataException>().With.Message.Contains("not a safetensors file"));
}
