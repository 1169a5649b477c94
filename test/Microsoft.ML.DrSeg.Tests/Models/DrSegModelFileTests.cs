using System.IO.Compression;
using System.Text;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Models;

public class DrSegModelFileTests
{
    private TemporaryFolder folder = null!;
    private string path = null!;

    [SetUp]
    public void SaveAModel()
    {
        folder = new();
        path = folder.File("models/tiny.drseg");
        using DrSegModel model = TinyModel.Fresh(seed: 5);
        model.Threshold = 0.625f;
        model.Save(path);
    }

    [TearDown]
    public void RemoveTheFolder() => folder.Dispose();

    [Test]
    public void ALoadedModelIsTheSavedOne()
    {
        using DrSegModel saved = TinyModel.Fresh(seed: 5), loaded = DrSegModel.Load(path);
        Assert.That(loaded.Threshold, Is.EqualTo(0.625f));
        Assert.That(loaded.Vocabulary.Nouns, Is.EqualTo(TinyModel.Nouns));
        Assert.That(TinyModel.PolicyWeights(loaded), Is.EqualTo(TinyModel.PolicyWeights(saved)));
        // The other parts too: equal models are equal files.
        loaded.Save(folder.File("again.drseg"));
        Assert.That(File.ReadAllBytes(folder.File("again.drseg")), Is.EqualTo(File.ReadAllBytes(path)));
    }

    [Test]
    public void ACloneSharesNothing()
    {
        using DrSegModel model = DrSegModel.Load(path), clone = model.Clone();
        float[] before = TinyModel.PolicyWeights(model);
        Assert.That(TinyModel.PolicyWeights(clone), Is.EqualTo(before));
        using (TorchSharp.torch.no_grad())
            foreach (var parameter in clone.Policy.Parameters()) parameter.add_(1);
        Assert.That(TinyModel.PolicyWeights(model), Is.EqualTo(before));
    }

    [Test]
    public void AMissingFileIsNamed() =>
        Assert.That(() => DrSegModel.Load(folder.File("none.drseg")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none.drseg"));

    [Test]
    public void GarbageIsRefused()
    {
        File.WriteAllText(path, "no model at all");
        Assert.That(() => DrSegModel.Load(path), ThrowsInvalid("tiny.drseg"));
    }

    [TestCase(0.0)]
    [TestCase(0.5)]
    [TestCase(0.99)]
    public void ATruncatedFileIsRefused(double share)
    {
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(int)(share * whole.Length)]);
        Assert.That(() => DrSegModel.Load(path), ThrowsInvalid("tiny.drseg"));
    }

    [Test]
    public void AChangedByteIsNoticed([Values(0.1, 0.4, 0.7)] double place)
    {
        byte[] file = File.ReadAllBytes(path);
        file[(int)(place * file.Length)] ^= 0x10;
        File.WriteAllBytes(path, file);
        Assert.That(() => DrSegModel.Load(path), ThrowsInvalid("tiny.drseg"));
    }

    [TestCase("\"Version\":1", "\"Version\":2", "format version 2")]
    [TestCase("\"CoordinateBins\":8", "\"CoordinateBins\":16", "expected [")]
    [TestCase("\"Layers\":1", "\"Layers\":2", "is missing")]
    [TestCase("\"Layers\":1", "\"Layers\":0", "unknown tensor")]
    [TestCase("\"ViewSize\":16", "\"ViewSize\":17", "multiple of 8")]
    [TestCase("\"Width\":32", "\"Width\":-32", "tiny.drseg")]
    [TestCase("\"blue\",", "", "query tokens")]
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
        Assert.That(() => DrSegModel.Load(path), ThrowsInvalid(said));
    }

    [Test]
    public void WeightsThatAreNotNumbersAreRefused()
    {
        Rewrite("weights.safetensors", weights =>
        {
            BitConverter.TryWriteBytes(weights.AsSpan(^4), float.NaN);
            return weights;
        });
        Assert.That(() => DrSegModel.Load(path), ThrowsInvalid("not finite"));
    }

    [Test]
    public void AFullDiskLeavesTheOldModelAndNothingElse()
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("This system has no /dev/full.");
        byte[] before = File.ReadAllBytes(path);
        // What is written goes to the temporary name first: let that one be a disk without space.
        File.CreateSymbolicLink(path + ".tmp", "/dev/full");
        using DrSegModel other = TinyModel.Fresh(seed: 6);
        Assert.That(() => other.Save(path), Throws.TypeOf<IOException>().With.Message.Contains(path));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(before));
        Assert.That(folder.Files, Is.EqualTo(new[] { "models/tiny.drseg" }));
    }

    [Test]
    public void AFolderThatCannotBeMadeIsNamed()
    {
        using DrSegModel model = TinyModel.Fresh();
        string below = Path.Combine(path, "below", "tiny.drseg");
        Assert.That(() => model.Save(below), Throws.TypeOf<IOException>().With.Message.Contains(below));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint ThrowsInvalid(string said) =>
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("Cannot load");

    private void Rewrite(string entryName, Func<byte[], byte[]> change)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Update);
        ZipArchiveEntry entry = zip.GetEntry(entryName)!;
        using var bytes = new MemoryStream();
        using (Stream old = entry.Open()) old.CopyTo(bytes);
        entry.Delete();
        using Stream fresh = zip.CreateEntry(entryName).Open();
        fresh.Write(change(bytes.ToArray()));
    }
}
