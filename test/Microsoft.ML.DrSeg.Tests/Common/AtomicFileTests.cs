using Microsoft.ML.DrSeg.Common;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Common;

public class AtomicFileTests
{
    [Test]
    public void WritesAndReplacesInFoldersThatNeedNotExist()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a/b/report.html");
        AtomicFile.Write(path, stream => stream.Write("one"u8));
        AtomicFile.Write(path, stream => stream.Write("zwei ä"u8));
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllBytes(path), Is.EqualTo("zwei ä"u8.ToArray()));
            Assert.That(folder.Files, Has.Length.EqualTo(1));
        });
    }

    [Test]
    public void AFullDiskLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("report.html");
        AtomicFile.Write(path, stream => stream.Write("old"u8));
        Assert.Multiple(() =>
        {
            Assert.That(() => AtomicFile.Write(path, FillTheDisk), Throws.TypeOf<IOException>().With.Message.Contains(path).And.Message.Contains("No space left"));
            Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
            Assert.That(folder.Files, Is.EqualTo(new[] { "report.html" }));
        });

        static void FillTheDisk(Stream stream)
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device.");
        }
    }

    [Test]
    public void ATargetThatIsAFolderIsNamedAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("report.html"));
        Assert.That(() => AtomicFile.Write(folder.File("report.html"), stream => stream.Write("text"u8)), Throws.TypeOf<IOException>().With.Message.Contains("report.html"));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void AFailureOfTheWriterComesThroughUnchanged()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => AtomicFile.Write(folder.File("x"), _ => throw new FormatException("mine")), Throws.TypeOf<FormatException>());
        Assert.That(folder.Files, Is.Empty);
    }
}
