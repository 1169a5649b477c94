using System.Buffers.Binary;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class SafetensorsFolderTests
{
    private const string Index = "model.safetensors.index.json";

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void EveryTypeComesOutAsItIsStored()
    {
        using var scope = NewDisposeScope();
        // 1.5 and -2 in all three; the bytes of BF16 are the upper half of F32's.
        Write("model.safetensors", HandMadeFile.Safetensors(
            """{"__metadata__":{"format":"pt"},"whole":{"dtype":"I64","shape":[1],"data_offsets":[14,22]},"brain":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"half":{"dtype":"F16","shape":[2,1],"data_offsets":[4,8]},"byte":{"dtype":"U8","shape":[2],"data_offsets":[8,10]},"full":{"dtype":"F32","shape":[],"data_offsets":[10,14]},"none":{"dtype":"F32","shape":[0,3],"data_offsets":[22,22]}}""",
            0xC0, 0x3F, 0x00, 0xC0, 0x00, 0x3E, 0x00, 0xC0, 7, 255, 0x00, 0x00, 0xC0, 0x3F, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF));
        using var folder = SafetensorsFolder.Open(_folder.Path);
        Assert.That(folder.Shapes.Keys, Is.EquivalentTo(new[] { "whole", "brain", "half", "byte", "full", "none" }));
        Assert.That(folder.Shapes["half"], Is.EqualTo(new long[] { 2, 1 }));
        Tensor brain = folder.Read("brain", null, CPU), half = folder.Read("half", null, CPU);
        Assert.That(brain.dtype, Is.EqualTo(ScalarType.BFloat16));
        Assert.That(brain.to(ScalarType.Float32).data<float>().ToArray(), Is.EqualTo(new[] { 1.5f, -2f }));
        Assert.That(half.dtype, Is.EqualTo(ScalarType.Float16));
        Assert.That(half.shape, Is.EqualTo(new long[] { 2, 1 }));
        Assert.That(half.to(ScalarType.Float32).data<float>().ToArray(), Is.EqualTo(new[] { 1.5f, -2f }));
        Assert.That(folder.Read("byte", null, CPU).data<byte>().ToArray(), Is.EqualTo(new byte[] { 7, 255 }));
        Assert.That(folder.Read("full", null, CPU).item<float>(), Is.EqualTo(1.5f));
        Assert.That(folder.Read("whole", null, CPU).item<long>(), Is.EqualTo(-2));
        Assert.That(folder.Read("none", null, CPU).shape, Is.EqualTo(new long[] { 0, 3 }));
        Tensor converted = folder.Read("brain", ScalarType.Float32, CPU);
        Assert.That(converted.data<float>().ToArray(), Is.EqualTo(new[] { 1.5f, -2f }));
    }

    [Test]
    public void ATensorOfManyMegabytesIsReadToItsEnd()
    {
        // More than a piece that is copied at once; a file of holes, which are zeros.
        const long Length = (1 << 27) + 5;
        byte[] header = HandMadeFile.Safetensors($$$"""{"a":{"dtype":"U8","shape":[{{{Length}}}],"data_offsets":[0,{{{Length}}}]}""" + "}");
        using (FileStream file = File.Create(_folder.File("model.safetensors")))
        {
            file.Write(header);
            file.Position = header.Length + Length - 6;
            file.Write([1, 2, 3, 4, 5, 6]);
        }
        using var folder = SafetensorsFolder.Open(_folder.Path);
        using Tensor whole = folder.Read("a", null, CPU), end = whole.narrow(0, Length - 8, 8);
        Assert.That(end.data<byte>().ToArray(), Is.EqualTo(new byte[] { 0, 0, 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void AFileAloneIsReadLikeAFolder()
    {
        using var folder = SafetensorsFolder.Open(Reference.PathOf("qwen2_5_vl_tied.data.safetensors"));
        using Tensor grid = folder.Read("image_grid_thw", null, CPU);
        Assert.That(grid.data<long>().ToArray(), Is.EqualTo(new long[] { 1, 12, 6, 1, 8, 10 }));
    }

    [Test]
    public void TensorsAreFoundInTheFilesOfTheIndex()
    {
        Write("model-1.safetensors", HandMadeFile.OneFloat("a", 1));
        Write("model-2.safetensors", HandMadeFile.OneFloat("b", 2));
        WriteIndex("""{"a":"model-1.safetensors","b":"model-2.safetensors"}""");
        using var folder = SafetensorsFolder.Open(_folder.Path);
        using Tensor a = folder.Read("a", null, CPU), b = folder.Read("b", null, CPU);
        Assert.That((a.item<float>(), b.item<float>()), Is.EqualTo((1f, 2f)));
        Assert.That(() => folder.Read("c", null, CPU), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'c'"));
    }

    [Test]
    public void AFileBesideTheIndexComesFirst()
    {
        Write("model.safetensors", HandMadeFile.OneFloat("a", 3));
        WriteIndex("""{"a":"missing.safetensors"}""");
        using var folder = SafetensorsFolder.Open(_folder.Path);
        using Tensor a = folder.Read("a", null, CPU);
        Assert.That(a.item<float>(), Is.EqualTo(3));
    }

    [Test]
    public void AMissingFileIsNamed()
    {
        Write("model-1.safetensors", HandMadeFile.OneFloat("a", 1));
        WriteIndex("""{"a":"model-1.safetensors","b":"model-3.safetensors"}""");
        Assert.That(Open, Throws.TypeOf<FileNotFoundException>().With.Message.Contains("'model-3.safetensors'"));
    }

    [TestCase("""{"a":"model-1.safetensors","b":"../model-2.safetensors"}""", "'../model-2.safetensors'")]
    [TestCase("""{"a":"model-1.safetensors","b":"..\\model-2.safetensors"}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","b":"/model-2.safetensors"}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","b":"C:model-2.safetensors"}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","b":"model-2.safetensors\u0000"}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","b":"model-2.bin"}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","b":null}""", "same folder")]
    [TestCase("""{"a":"model-1.safetensors","a":"model-2.safetensors"}""", "'a' twice")]
    [TestCase("""{"a":"model-1.safetensors","c":"model-1.safetensors"}""", "lacks the tensor 'c'")]
    [TestCase("""{"a":"model-2.safetensors"}""", "'b'")]
    [TestCase("""{"a":7}""", "no index of tensors")]
    [TestCase("""["a"]""", "no index of tensors")]
    [TestCase("""{"a":""", "no index of tensors")]
    public void AnIndexThatDoesNotHoldIsRefused(string weightMap, string said)
    {
        Write("model-1.safetensors", HandMadeFile.OneFloat("a", 1));
        Write("model-2.safetensors", HandMadeFile.OneFloat("b", 2));
        WriteIndex(weightMap);
        Assert.That(Open, Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void ATensorInTwoFilesIsRefused()
    {
        Write("model-1.safetensors", HandMadeFile.OneFloat("a", 1));
        Write("model-2.safetensors", HandMadeFile.Safetensors("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", new byte[8]));
        WriteIndex("""{"a":"model-1.safetensors","b":"model-2.safetensors"}""");
        Assert.That(Open, Throws.TypeOf<InvalidDataException>().With.Message.Contains("'a' twice"));
    }

    [TestCase("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "'a' as F8_E4M3")]
    [TestCase("""{"a":{"dtype":null,"shape":[8],"data_offsets":[0,8]}}""", "'a' as null")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,8]}}""", "it needs 6")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[-1,-4],"data_offsets":[0,8]}}""", "[-1, -4]")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[4],"data_offsets":[4,12]}}""", "cut short")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[4],"data_offsets":[-8,0]}}""", "bytes -8 to 0")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[4],"data_offsets":[8,0]}}""", "bytes 8 to 0")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0]}}""", "1 offsets")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "damaged header")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[1e30],"data_offsets":[0,0]}}""", "damaged header")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[3,7]}}""", "'b' to other tensors too")]
    [TestCase("""{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"a":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]}}""", "'a' twice")]
    public void AHeaderThatDoesNotHoldIsRefused(string header, string said)
    {
        Write("model.safetensors", HandMadeFile.Safetensors(header, new byte[8]));
        Assert.That(Open, Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void AFileCutShortAnywhereIsRefused()
    {
        byte[] whole = HandMadeFile.OneFloat("a", 1);
        for (int length = 0; length < whole.Length; length++)
        {
            Write("model.safetensors", whole[..length]);
            Assert.That(Open, Throws.TypeOf<InvalidDataException>().With.Message.Contains("model.safetensors"), $"{length} bytes");
        }
    }

    [TestCase(long.MaxValue)]
    [TestCase(-1)]
    [TestCase(99_000_000)]
    public void AHeaderLongerThanTheFileIsRefused(long length)
    {
        byte[] file = HandMadeFile.OneFloat("a", 1);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        Write("model.safetensors", file);
        Assert.That(Open, Throws.TypeOf<InvalidDataException>().With.Message.Contains($"{length} bytes long"));
    }

    [Test]
    public void AFolderWithoutWeightsSaysWhatIsExpected() =>
        Assert.That(Open, Throws.TypeOf<FileNotFoundException>().With.Message.Contains("model.safetensors.index.json"));

    private void Open() => SafetensorsFolder.Open(_folder.Path).Dispose();

    private void Write(string name, byte[] content) => File.WriteAllBytes(_folder.File(name), content);

    private void WriteIndex(string weightMap) => File.WriteAllText(_folder.File(Index), $$$"""{"metadata":{"total_size":8},"weight_map":{{{weightMap}}}""" + "}");
}
