using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests;

/// <summary>What the build changes of TorchSharp's library where this machine's libstdc++ is older, and that it leaves the original alone.</summary>
public class LoosenedLibraryTests
{
    private static string Original => Path.Combine(PackedLibrary.Cache, "torchsharp", PackedLibrary.PinnedVersions["TorchSharp"], "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    [Test]
    public void OneBitIsSetAndOnlyInTheProgramsCopy()
    {
        RequireOldLibrary();
        byte[] original = File.ReadAllBytes(Original), copy = File.ReadAllBytes(Path.Combine(PackedLibrary.Consumer.NativeFolder, "libLibTorchSharp.so"));
        Assert.That(copy, Has.Length.EqualTo(original.Length));
        int[] changed = [.. Enumerable.Range(0, original.Length).Where(i => original[i] != copy[i])];
        Assert.That(changed, Has.Length.EqualTo(1), "the flags of one demanded version");
        Assert.That((original[changed[0]], copy[changed[0]]), Is.EqualTo(((byte)0, (byte)2)), "VER_FLG_WEAK");
    }

    [Test]
    public void WithoutItAProgramSaysWhatIsMissingAndWhatToDo()
    {
        RequireOldLibrary();
        string pictures = Directory.CreateDirectory(Path.Combine(PackedLibrary.Folder, "refused-pictures")).FullName;
        string library = Path.Combine(PackedLibrary.Consumer.NativeFolder, "libLibTorchSharp.so"), aside = library + ".aside";
        File.Move(library, aside);
        try
        {
            File.Copy(Original, library);
            (int code, _, string errors) = PackedLibrary.Consumer.RunWithoutPackageCache("train", pictures);
            Assert.That(code, Is.Not.Zero);
            Assert.That(errors, Does.Contain("GLIBCXX_3.4.32 of libstdc++.so.6").And.Contain("LoosenTorchSharp"));
        }
        finally
        {
            File.Move(aside, library, overwrite: true);
        }
    }

    private static void RequireOldLibrary()
    {
        if (!PackedLibrary.Consumer.IsLoosened)
            Assert.Ignore("This machine's libstdc++ has what TorchSharp's library demands.");
    }
}
