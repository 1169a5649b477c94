using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>What a user reads where libtorch does not load; the system's words as Debian 12, macOS and Windows give them.</summary>
public class TorchEngineTests
{
    [Test]
    public void AnOldDistributionIsToldWhichLibraryIsTooOldAndWhatToDo()
    {
        string remedy = TorchEngine.Remedy("/app/libLibTorchSharp.so: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)");
        Assert.That(remedy, Does.Contain("GLIBCXX_3.4.32 of libstdc++.so.6").And.Contain("LoosenTorchSharp").And.Contain("Debian 13"));
    }

    [TestCase("Unable to load shared library 'LibTorchSharp' or one of its dependencies. /app/libLibTorchSharp.so: cannot open shared object file: No such file or directory")]
    [TestCase("Unable to load DLL 'LibTorchSharp' or one of its dependencies: The specified module could not be found. (0x8007007E)")]
    public void AProgramWithoutLibtorchIsToldWhichPackageIsMissing(string said) =>
        Assert.That(TorchEngine.Remedy(said), Does.Contain("TorchSharp-cpu").And.Contain("TorchSharp-cuda-linux"));

    [Test]
    public void AnythingElseIsNotExplainedAway() => Assert.That(TorchEngine.Remedy("bad image"), Does.Not.Contain("TorchSharp-cpu").And.Not.Contain("GLIBCXX"));

    [Test]
    public void WhatLoadsIsNoError() => Assert.That(TorchEngine.Load, Throws.Nothing);
}
