using System.IO.Compression;
using System.Text;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Tests.Models;

public class DrSegModelFileTests
{
    private TemporaryFolder _folder = null!;
    private string _path = null!;

    [SetUp]
    public void SaveAModel()
    {
        _folder = new();
        _path = _folder.File("models/tiny.drseg");
        using DrSegModel model = TinyModel.Fresh(seed: 5);
        model.Threshold = 0.625f;
        model.Save(_path);
    }

    [TearDown]
    public void RemoveTheFolder() => _folder.Dispose();

    [Test]
    public void ALoadedModelIsTheSavedOne()
    {
        using DrSegModel saved = TinyModel.Fresh(seed: 5), loaded = DrSegModel.Load(_path);
        Assert.That(loaded.Threshold, Is.EqualTo(0.625f));
        Assert.That(loaded.Vocabulary.Nouns, Is.EqualTo(TinyModel.Nouns));
        Assert.That(TinyModel.PolicyWeights(loaded), Is.EqualTo(TinyModel.PolicyWeights(saved)));
        // The other parts too: equal models are equal files.
        loaded.Save(_folder.File("again.drseg"));
        Assert.That(File.ReadAllBytes(_folder.File("again.drseg")), Is.EqualTo(File.ReadAllBytes(_path)));
    }

    [Test]
    public void ACloneSharesNothing()
    {
        using DrSegModel model = DrSegModel.Load(_path), clone = model.Clone();
        float[] before = TinyModel.PolicyWeights(model);
        Assert.That(TinyModel.PolicyWeights(clone), Is.EqualTo(before));
        using (torch.no_grad())
            foreach (var parameter in clone.Policy.Parameters()) parameter.add_(1);
        Assert.That(TinyModel.PolicyWeights(model), Is.EqualTo(before));
    }

    [Test]
    public void AMissingFileIsNamed() =>
        Assert.That(() => DrSegModel.Load(_folder.File("none.drseg")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none.drseg"));

    [Test]
    public void GarbageIsRefused()
    {
        File.WriteAllText(_path, "no model at all");
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("tiny.drseg"));
    }

    [TestCase(0.0)]
    [TestCase(0.5)]
    [TestCase(0.99)]
    public void ATruncatedFileIsRefused(double share)
    {
        byte[] whole = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, whole[..(int)(share * whole.Length)]);
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("tiny.drseg"));
    }

    [Test]
    public void AChangedByteIsNoticed([Values(0.1, 0.4, 0.7)] double place)
    {
        byte[] file = File.ReadAllBytes(_path);
        file[(int)(place * file.Length)] ^= 0x10;
        File.WriteAllBytes(_path, file);
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("tiny.drseg"));
    }

    [TestCase("\"Version\":2", "\"Version\":3", "format version 3")]
    [TestCase("\"CoordinateBins\":8", "\"CoordinateBins\":16", "The tensor 'policy.answerEmbedding.weight' is [13, 32]; expected [21, 32].")]
    [TestCase("\"MostObjects\":1", "\"MostObjects\":3", "The tensor 'policy.answerPositions' is [15, 32]; expected [31, 32].")]
    [TestCase("\"MostObjects\":1", "\"MostObjects\":0", "Policy.MostObjects must be 1 to 120")]
    [TestCase("\"Layers\":1", "\"Layers\":2", "The tensor 'policy.blocks.1.")]
    [TestCase("\"Layers\":1", "\"Layers\":0", "unknown tensor 'policy.blocks.0.")]
    [TestCase("\"ViewSize\":16", "\"ViewSize\":17", "multiple of 8")]
    [TestCase("\"Width\":32", "\"Width\":-32", "tiny.drseg")]
    [TestCase("\"blue\",", "", "query tokens")]
    [TestCase("\"blue\",", "null,", "tiny.drseg")]
    [TestCase("\"Heads\":1,\"Layers\"", "\"Heads\":5,\"Layers\"", "Policy.Heads")]
    [TestCase("\"Heads\":1,\"Layers\"", "\"Heads\":0,\"Layers\"", "Policy.Heads")]
    [TestCase("\"Heads\":1,\"AttendToImage\"", "\"Heads\":5,\"AttendToImage\"", "Confirmation.Heads")]
    [TestCase("\"CropSize\":16,\"Width\":32", "\"CropSize\":17,\"Width\":32", "Confirmation.CropSize")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":17,\"Width\":16", "Segmenter.CropSize")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":0,\"Width\":16", "Segmenter.CropSize")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":2000000000,\"Width\":16", "Segmenter.CropSize")]
    [TestCase("\"Nouns\"", "\"Verbs\"", "Nouns")]
    [TestCase("\"Shape\"", "\"Form\"", "Shape")]
    [TestCase("{", "", "tiny.drseg")]
    public void AHeaderThatDoesNotFitTheWeightsIsRefused(string written, string instead, string said)
    {
        Rewrite("model.json", header =>
        {
            string text = Encoding.UTF8.GetString(header);
            int at = text.IndexOf(written, StringComparison.Ordinal);
            Assert.That(at, Is.Not.Negative, text);
            return Encoding.UTF8.GetBytes(text.Remove(at, written.Length).Insert(at, instead));
        });
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid(said));
    }

    /// <summary>Files of version 1 have a quarter of the width in the towers' first convolutions; the rest of today's filters are zeros.</summary>
    [Test]
    public void AFileOfTheFirstVersionAnswersAsItDid()
    {
        using var scope = torch.NewDisposeScope();
        const int narrow = 8;
        using DrSegModel model = TinyModel.Fresh();
        var tensors = new Dictionary<string, torch.Tensor>(model.Weights());
        foreach (string tower in new[] { "policy.vision", "confirmation.vision" })
        {
            foreach ((string name, int dimension) in new[] { ("stem.bias", 0), ("stem.weight", 0), ("toQuarter.weight", 1) })
            {
                torch.Tensor wide = tensors[$"{tower}.{name}"];
                using (torch.no_grad())
                    wide.narrow(dimension, narrow, wide.shape[dimension] - narrow).zero_();
                tensors[$"{tower}.{name}"] = wide.narrow(dimension, 0, narrow);
            }
        }
        Rewrite("weights.safetensors", _ => Written(tensors));
        Rewrite("model.json", header => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(header).Replace("\"Version\":2", "\"Version\":1")));

        using var loaded = DrSegModel.Load(_path);
        Assert.That(loaded.Weights().ToDictionary(entry => entry.Key, Numbers), Is.EqualTo(model.Weights().ToDictionary(entry => entry.Key, Numbers)));
        static float[] Numbers(KeyValuePair<string, torch.Tensor> entry) => [.. entry.Value.detach().contiguous().data<float>()];
    }

    [Test]
    public void AMissingTensorIsRefused()
    {
        Rewrite("weights.safetensors", weights =>
        {
            int at = weights.AsSpan().IndexOf("policy.head.bias"u8);
            Assert.That(at, Is.Not.Negative);
            weights[at] = (byte)'P';
            return weights;
        });
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("'policy.head.bias' is missing"));
    }

    [Test]
    public void ATensorTooManyIsRefused()
    {
        using var scope = torch.NewDisposeScope();
        using DrSegModel model = TinyModel.Fresh();
        var tensors = new Dictionary<string, torch.Tensor>(model.Weights());
        tensors["policy.extra"] = torch.zeros(3, 2);
        Rewrite("weights.safetensors", _ => Written(tensors));
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("unknown tensor 'policy.extra', [3, 2]"));
    }

    /// <summary>The first version's narrow convolutions are filled up; what is no such convolution is not, whatever that would take.</summary>
    [Test]
    public void OnlyNarrowConvolutionsOfTheFirstVersionAreFilledUp()
    {
        using var scope = torch.NewDisposeScope();
        using DrSegModel model = TinyModel.Fresh();
        var tensors = new Dictionary<string, torch.Tensor>(model.Weights());
        tensors["policy.vision.stem.bias"] = torch.randn(300_000);
        tensors["policy.vision.stem.weight"] = torch.randn(1, 300_000);
        Rewrite("weights.safetensors", _ => Written(tensors));
        Rewrite("model.json", header => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(header).Replace("\"Version\":2", "\"Version\":1")));
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("expected [16").And.Message.Contains("The tensor 'policy.vision.stem."));

        var empty = new Dictionary<string, (long[] Shape, float[] Values)> { ["tower.stem.weight"] = ([0, 4, 3, 3], []) };
        VisionTower.Widen(empty, "tower", new Dictionary<string, long[]> { ["tower.stem.weight"] = [16, 4, 3, 3] });
        Assert.That(empty["tower.stem.weight"].Values, Is.Empty);
    }

    // Sizes that ask for terabytes, and for some tens of gigabytes.
    [TestCase("\"Width\":32", "\"Width\":2000000000", "Policy.Width must be a multiple of 32 up to 65,536")]
    [TestCase("\"Layers\":1", "\"Layers\":2000000000", "Policy.Layers must be 0 to 1,024")]
    [TestCase("\"ViewSize\":16", "\"ViewSize\":80000", "Policy.ViewSize")]
    [TestCase("\"CoordinateBins\":8", "\"CoordinateBins\":2000000000", "The tensor 'policy.answerEmbedding.weight' is [13, 32]; expected [2000000005, 32].")]
    [TestCase("\"MostObjects\":1", "\"MostObjects\":2000000000", "Policy.MostObjects must be 1 to 120")]
    [TestCase("\"Nouns\":3", "\"Nouns\":2000000000", "expected [2000000001")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":16,\"Width\":160000000", "Segmenter.Width")]
    [TestCase("\"CropSize\":16,\"Width\":32", "\"CropSize\":80000,\"Width\":32", "Confirmation.CropSize")]
    [TestCase("\"Width\":32", "\"Width\":65536", "The tensor 'policy.")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":16,\"Width\":65536", "The tensor 'segmenter.")]
    [TestCase("\"CropSize\":16,\"Width\":32", "\"CropSize\":16,\"Width\":65536", "The tensor 'confirmation.")]
    [TestCase("\"CropSize\":16,\"Width\":16", "\"CropSize\":16,\"Width\":64", "The tensor 'segmenter.")]
    public void AGiantIsRefusedBeforeItTakesMemory(string written, string instead, string said) => AHeaderThatDoesNotFitTheWeightsIsRefused(written, instead, said);

    /// <summary>On the device META a model is the names and shapes of its tensors: it takes no memory and draws no random number.</summary>
    [TestCase(96, 4, 64, 16, 32, 96, 64)]
    [TestCase(32, 0, 8, 16, 8, 32, 8)]
    [TestCase(32, 1, 256, 32, 16, 64, 256)]
    public void AModelCanBeOutlined(int policyWidth, int layers, int viewSize, int segmenterWidth, int bins, int confirmationWidth, int cropSize)
    {
        using var scope = torch.NewDisposeScope();
        int tokens = new QueryVocabulary(TinyModel.Nouns).Size;
        var shape = new CompactModelShape(
            TinyModel.Nouns, new CompactPolicyShape(tokens, TinyModel.Nouns.Length, viewSize, policyWidth, Heads: 1, layers, bins),
            new CompactSegmenterShape(16, segmenterWidth), new CompactConfirmationShape(tokens, cropSize, confirmationWidth, Heads: 1));
        using var model = CompactModel.Create(shape);
        torch.manual_seed(1);
        using var outline = CompactModel.Create(shape, torch.META);
        float next = torch.randn(1).item<float>();
        torch.manual_seed(1);
        Assert.That(next, Is.EqualTo(torch.randn(1).item<float>()));
        Assert.That(outline.Weights().Select(tensor => (tensor.Key, string.Join(" ", tensor.Value.shape))), Is.EqualTo(model.Weights().Select(tensor => (tensor.Key, string.Join(" ", tensor.Value.shape)))));
        Assert.That(outline.Weights().Values.Select(tensor => tensor.device_type), Is.All.EqualTo(DeviceType.META));
    }

    [Test]
    public void AThresholdIsFinite([Values(float.NaN, float.PositiveInfinity)] float threshold)
    {
        using DrSegModel model = TinyModel.Fresh();
        Assert.That(() => model.Threshold = threshold, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Threshold must be finite"));
    }

    [Test]
    public void AnEntryThatGrowsAThousandfoldIsRefused([Values("model.json", "weights.safetensors")] string entry)
    {
        Rewrite(entry, _ => new byte[64_000_000]);
        Assert.That(new FileInfo(_path).Length, Is.LessThan(2_000_000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("more than weights ever do"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8_000_000));
    }

    [Test]
    public void AnEntryLongerThanItSaysIsRefused()
    {
        byte[] file = File.ReadAllBytes(_path);
        // In the central directory the entry's own size stands 24 bytes behind the mark.
        int at = file.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int size = BitConverter.ToInt32(file, at + 24);
        BitConverter.TryWriteBytes(file.AsSpan(at + 24), size - 5);
        File.WriteAllBytes(_path, file);
        Assert.That(() => DrSegModel.Load(_path), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void AnEntryThatClaimsToBeLongerThanTheFileTakesNoMemory()
    {
        byte[] file = File.ReadAllBytes(_path);
        int at = file.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(file.AsSpan(at + 20), 2_000_000_000);
        BitConverter.TryWriteBytes(file.AsSpan(at + 24), 2_000_000_000);
        File.WriteAllBytes(_path, file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("claims 2000000000 bytes"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8_000_000));
    }

    [Test]
    public void TwoEntriesOfOneNameAreRefused()
    {
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Update))
            zip.CreateEntry("model.json");
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("2 entries 'model.json'"));
    }

    [Test]
    public void ANameThatLeavesTheFolderIsOnlyAName()
    {
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Update))
        using (Stream evil = zip.CreateEntry("../../evil.txt").Open())
            evil.Write("evil"u8);
        using var loaded = DrSegModel.Load(_path);
        Assert.That(_folder.Files, Is.EqualTo(new[] { "models/tiny.drseg" }));
        Assert.That(File.Exists(_folder.File("../evil.txt")), Is.False);
    }

    [Test]
    public void WeightsThatAreNotNumbersAreRefused()
    {
        Rewrite("weights.safetensors", weights =>
        {
            BitConverter.TryWriteBytes(weights.AsSpan(^4), float.NaN);
            return weights;
        });
        Assert.That(() => DrSegModel.Load(_path), ThrowsInvalid("not finite"));
    }

    [Test]
    public void AFullDiskLeavesTheOldModelAndNothingElse()
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("This system has no /dev/full.");
        byte[] before = File.ReadAllBytes(_path);
        // What is written goes to the temporary name first: let that one be a disk without space.
        File.CreateSymbolicLink(_path + ".tmp", "/dev/full");
        using DrSegModel other = TinyModel.Fresh(seed: 6);
        Assert.That(() => other.Save(_path), Throws.TypeOf<IOException>().With.Message.Contains(_path));
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(before));
        Assert.That(_folder.Files, Is.EqualTo(new[] { "models/tiny.drseg" }));
    }

    [Test]
    public void AFolderThatCannotBeMadeIsNamed()
    {
        using DrSegModel model = TinyModel.Fresh();
        string below = Path.Combine(_path, "below", "tiny.drseg");
        Assert.That(() => model.Save(below), Throws.TypeOf<IOException>().With.Message.Contains(below));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint ThrowsInvalid(string said) =>
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("Cannot load");

    private static byte[] Written(Dictionary<string, torch.Tensor> tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors);
        return stream.ToArray();
    }

    private void Rewrite(string entryName, Func<byte[], byte[]> change)
    {
        using var zip = ZipFile.Open(_path, ZipArchiveMode.Update);
        ZipArchiveEntry entry = zip.GetEntry(entryName)!;
        using var bytes = new MemoryStream();
        using (Stream old = entry.Open()) old.CopyTo(bytes);
        entry.Delete();
        using Stream fresh = zip.CreateEntry(entryName).Open();
        fresh.Write(change(bytes.ToArray()));
    }
}
