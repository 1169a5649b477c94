using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Checkpoints of torch.save, honest, damaged and hostile.</summary>
public class TorchCheckpointTests
{
    private static readonly byte[] SixFloats = MemoryMarshal.AsBytes<float>(new float[] { 0, 1, 2, 3, 4, 5 }).ToArray();

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    private string Written(HandMadePickle pickle, byte[]? storage = null, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        string path = _folder.File("made.pt");
        HandMadePickle.Write(path, pickle.Bytes, compression, ("0", storage ?? SixFloats));
        return path;
    }

    private string Refused(string path) => Assert.Throws<InvalidDataException>(() => new TorchCheckpoint(path).Dispose())!.Message;

    private string Refused(HandMadePickle pickle) => Refused(Written(pickle));

    [Test]
    public void ViewsAreReadByTheirStrides()
    {
        using var checkpoint = new TorchCheckpoint(Written(HandMadePickle.Named("turned", pickle => pickle.Tensor("0", 6, 1, [2, 2], [1, 2]))));
        Assert.That(checkpoint.Shapes["turned"], Is.EqualTo(new long[] { 2, 2 }));
        using Tensor turned = checkpoint.Read("turned", ScalarType.Float64, CPU);
        Assert.That(turned.data<double>().ToArray(), Is.EqualTo(new double[] { 1, 3, 2, 4 }));
        Assert.That(Assert.Throws<InvalidDataException>(() => checkpoint.Read("other", null, CPU))!.Message, Does.Contain("made.pt").And.Contains("'other'"));
    }

    [Test]
    public void ADictionaryUnderModelAndAParameterAreTaken()
    {
        var pickle = HandMadePickle.Named("model", outer => outer.Global("collections", "OrderedDict").Do(")R(").Text("weight")
            .Global("torch._utils", "_rebuild_parameter").Do("(").Tensor("0", 6, 0, [6], [1]).Do(0x89).Global("collections", "OrderedDict").Do(")RtRu}").Text("_metadata").Do("}sb"));
        using var checkpoint = new TorchCheckpoint(Written(pickle));
        using Tensor weight = checkpoint.Read("weight", null, CPU);
        Assert.That(weight.data<float>().ToArray(), Is.EqualTo(new float[] { 0, 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void EveryTypeOfNumberIsRead()
    {
        foreach ((string type, ScalarType expected, byte[] bytes) in new[]
        {
            ("HalfStorage", ScalarType.Float16, new byte[] { 0, 0x3E }), ("BFloat16Storage", ScalarType.BFloat16, [0xC0, 0x3F]),
            ("DoubleStorage", ScalarType.Float64, BitConverter.GetBytes(1.5)), ("LongStorage", ScalarType.Int64, BitConverter.GetBytes(1L)),
        })
        {
            string path = _folder.File($"{type}.pt");
            HandMadePickle.Write(path, HandMadePickle.Named("a", pickle => pickle.Tensor("0", 1, 0, [], [], type)).Bytes, CompressionLevel.NoCompression, ("0", bytes));
            using var checkpoint = new TorchCheckpoint(path);
            using Tensor stored = checkpoint.Read("a", null, CPU), converted = checkpoint.Read("a", ScalarType.Float32, CPU);
            Assert.That(stored.dtype, Is.EqualTo(expected));
            Assert.That(converted.item<float>(), Is.EqualTo(expected == ScalarType.Int64 ? 1 : 1.5f));
        }
    }

    [TestCase("os", "system")]
    [TestCase("posix", "system")]
    [TestCase("builtins", "eval")]
    [TestCase("torch", "load")]
    [TestCase("torch._utils", "_rebuild_tensor")]
    [TestCase("collections", "defaultdict")]
    public void EveryOtherNameOfPythonIsRefused(string module, string name)
    {
        Assert.That(Refused(HandMadePickle.Named("a", pickle => pickle.Global(module, name).Do("(").Text("touch /tmp/owned").Do("tR"))), Does.Contain($"'{module}.{name}'").And.Contains("made.pt").And.Contains("refused"));
        File.Delete(_folder.File("made.pt"));
        Assert.That(Refused(HandMadePickle.Named("a", pickle => pickle.Text(module).Text(name).Do(0x93))), Does.Contain($"'{module}.{name}'"), "by its name on the stack");
        File.Delete(_folder.File("made.pt"));
        Assert.That(Refused(HandMadePickle.Named("a", pickle => pickle.Do($"(i{module}\n{name}\n"))), Does.Contain($"'{module}.{name}'"), "made as an instance");
    }

    [TestCase("0123", "0x30", TestName = "Pop")]
    [TestCase("N\u0081", "0x3f", TestName = "NotAscii")]
    [TestCase("Pid\n", "0x50", TestName = "PersistentByText")]
    [TestCase("I1\n", "0x49", TestName = "NumberAsText")]
    public void OtherOperationsAreRefusedByTheirCode(string operations, string code) =>
        Assert.That(Refused(new HandMadePickle().Do(operations)), Does.Contain(code).And.Contains("made.pt"));

    [Test]
    public void WhatMakesNoSenseIsRefused()
    {
        (string Said, Action<HandMadePickle> Value)[] cases =
        [
            ("no tensor", pickle => pickle.Number(3)),
            ("do not fit", pickle => pickle.Global("torch._utils", "_rebuild_tensor_v2").Do(")R")),
            ("do not fit", pickle => pickle.Global("collections", "OrderedDict").Do("(").Number(1).Do("tR")),
            ("no storage", pickle => pickle.Text("storage").Do("Q")),
            ("sizes that are none", pickle => pickle.Tensor("0", 6, 0, [-1], [1])),
            ("sizes that are none", pickle => pickle.Tensor("0", 6, 0, [2], [1, 1])),
            ("sizes that are none", pickle => pickle.Tensor("0", 6, -1, [2], [1])),
            ("sizes that are none", pickle => pickle.Tensor("0", 6, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1])),
            ("beyond any memory", pickle => pickle.Tensor("0", long.MaxValue, 0, [1L << 40, 1L << 40], [1, 1])),
            ("beyond any memory", pickle => pickle.Tensor("0", long.MaxValue, 2, [2], [long.MaxValue])),
            ("which has 6 numbers", pickle => pickle.Tensor("0", 6, 5, [2], [1])),
            ("keys are neither", pickle => pickle.Do("})").Number(1).Do("s")),
            ("no dictionary", pickle => pickle.Do(")").Number(1).Number(1).Do("s")),
            ("no list", pickle => pickle.Do(")").Number(1).Do("a")),
            ("not noted", pickle => pickle.Do("h").Do(200)),
            ("takes a value where there is none", pickle => pickle.Do("t")),
            ("takes a value where there is none", pickle => pickle.Do("(").Do(0x87)),
            ("whole number of 9 bytes", pickle => pickle.Do(0x8a, 9).Do("123456789")),
        ];
        foreach ((string said, Action<HandMadePickle> value) in cases)
        {
            Assert.That(Refused(HandMadePickle.Named("a", value)), Does.Contain(said));
            File.Delete(_folder.File("made.pt"));
        }
    }

    [Test]
    public void NumbersAreNobodysTwice()
    {
        Assert.That(Refused(HandMadePickle.Named("a", pickle => pickle.Tensor("0", 6, 0, [1 << 30], [0]))), Does.Contain("not yet taken"), "a stride of 0");
        File.Delete(_folder.File("made.pt"));
        HandMadePickle twice = new HandMadePickle().Do("}").Text("a").Tensor("0", 6, 0, [4], [1]).Do("s").Text("b").Tensor("0", 6, 2, [4], [1]).Do("s.");
        Assert.That(Refused(twice), Does.Contain("2 of them not yet taken"));
        File.Delete(_folder.File("made.pt"));
        HandMadePickle otherwise = new HandMadePickle().Do("}").Text("a").Tensor("0", 6, 0, [4], [1]).Do("s").Text("b").Tensor("0", 6, 4, [2], [1], "IntStorage").Do("s.");
        Assert.That(Refused(otherwise), Does.Contain("two types or lengths"));
    }

    [Test]
    public void NestingAndHoardingAreBounded()
    {
        Assert.That(Refused(new HandMadePickle().Do(new string('(', 5000))), Does.Contain("nested more than 1,000 deep"));
        File.Delete(_folder.File("made.pt"));
        Assert.That(Refused(new HandMadePickle().Do(new string('N', 2_000_000))), Does.Contain("1,048,576 values"));
        File.Delete(_folder.File("made.pt"));
        // Lists of lists cost no depth of the program's own.
        string nested = string.Concat(Enumerable.Repeat("]", 100_000)) + new string('a', 99_999);
        Assert.That(Refused(HandMadePickle.Named("a", pickle => pickle.Do(nested))), Does.Contain("'a' is no tensor"));
    }

    [Test]
    public void BombsAreNotUnpacked()
    {
        Assert.That(Refused(Written(new HandMadePickle().Do(new byte[17 << 20]), compression: CompressionLevel.Optimal)), Does.Contain("bytes long; no checkpoint"));
        File.Delete(_folder.File("made.pt"));
        Assert.That(Refused(Written(new HandMadePickle().Do(new byte[10 << 20]), compression: CompressionLevel.Optimal)), Does.Contain("would grow"));
        File.Delete(_folder.File("made.pt"));
        string path = Written(HandMadePickle.Named("a", pickle => pickle.Tensor("0", 16 << 20, 0, [16 << 20], [1])), new byte[64 << 20], CompressionLevel.Optimal);
        using var checkpoint = new TorchCheckpoint(path);
        Assert.That(Assert.Throws<InvalidDataException>(() => checkpoint.Read("a", null, CPU))!.Message, Does.Contain("'a'").And.Contains("would grow"));
    }

    [Test]
    public void AStorageOfAnotherLengthThanClaimedIsRefused()
    {
        using var checkpoint = new TorchCheckpoint(Written(HandMadePickle.Named("a", pickle => pickle.Tensor("0", long.MaxValue, 0, [6], [1]))));
        Assert.That(Assert.Throws<InvalidDataException>(() => checkpoint.Read("a", null, CPU))!.Message, Does.Contain("'a'").And.Contains("24 bytes"));
    }

    [Test]
    public void AStorageThatIsMissingIsNamed()
    {
        using var checkpoint = new TorchCheckpoint(Written(HandMadePickle.Named("a", pickle => pickle.Tensor("../../secret", 6, 0, [6], [1]))));
        Assert.That(Assert.Throws<InvalidDataException>(() => checkpoint.Read("a", null, CPU))!.Message, Does.Contain("no entry 'archive/data/../../secret'"));
    }

    [Test]
    public void AFileCutAnywhereIsRefused()
    {
        byte[] whole = File.ReadAllBytes(Reference.PathOf(Sam2Reference.FacebookWeights));
        foreach (double share in new[] { 0, .00001, .01, .5, .999 })
        {
            File.WriteAllBytes(_folder.File("cut.pt"), whole[..(int)(share * whole.Length)]);
            Assert.That(Refused(_folder.File("cut.pt")), Does.Contain("cut.pt"));
        }
    }

    [Test]
    public void APickleCutAnywhereIsRefused()
    {
        using ZipArchive zip = ZipFile.OpenRead(Reference.PathOf(Sam2Reference.FacebookWeights));
        using var whole = new MemoryStream();
        using (Stream stream = zip.Entries.Single(entry => entry.Name == "data.pkl").Open()) stream.CopyTo(whole);
        byte[] pickle = whole.ToArray();
        Assert.That(TorchPickle.Read(pickle), Has.Count.EqualTo(263));
        for (int length = 0; length < pickle.Length; length += length < 400 ? 1 : 997)
            Assert.That(() => TorchPickle.Read(pickle[..length]), Throws.InstanceOf<InvalidDataException>(), $"{length} bytes");
    }

    [Test]
    public void AChangedByteIsReadOrRefused()
    {
        byte[] pickle = HandMadePickle.Named("a", made => made.Tensor("0", 6, 0, [6], [1])).Bytes;
        var random = new Random(7);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. pickle];
            for (int i = random.Next(3); i >= 0; i--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                TorchPickle.Read(changed);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Test]
    public void OtherFilesAreRefusedWithARemedy()
    {
        File.WriteAllBytes(_folder.File("old.pt"), [0x80, 2, 0x8a, 10]);
        Assert.That(Refused(_folder.File("old.pt")), Does.Contain("PyTorch 1.6"));
        using (ZipArchive zip = ZipFile.Open(_folder.File("other.pt"), ZipArchiveMode.Create))
            zip.CreateEntry("a/constants.pkl");
        Assert.That(Refused(_folder.File("other.pt")), Does.Contain("no entry 'data.pkl'"));
        Assert.That(() => new TorchCheckpoint(_folder.File("none.pt")), Throws.InstanceOf<FileNotFoundException>());
        string path = Written(HandMadePickle.Named("a", pickle => pickle.Tensor("0", 6, 0, [6], [1])));
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        using (Stream stream = zip.CreateEntry("archive/byteorder").Open())
            stream.Write(Encoding.ASCII.GetBytes("big"));
        Assert.That(Refused(path), Does.Contain("'big'"));
    }

    [Test]
    public void ADamagedStorageIsFound()
    {
        string path = Written(HandMadePickle.Named("a", pickle => pickle.Tensor("0", 6, 0, [6], [1])));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(SixFloats) + 5] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var checkpoint = new TorchCheckpoint(path);
        Assert.That(Assert.Throws<InvalidDataException>(() => checkpoint.Read("a", null, CPU))!.Message, Does.Contain("checksum"));
    }
}
