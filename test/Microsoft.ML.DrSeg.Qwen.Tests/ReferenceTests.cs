using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ReferenceTests
{
    [Test]
    public void TheReferencesLieBesideTheTests() => Assert.That(File.Exists(Reference.PathOf("sam2.json")));
}
