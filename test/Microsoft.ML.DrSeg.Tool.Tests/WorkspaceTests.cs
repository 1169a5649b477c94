using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Tests that share one <see cref="TinyWorkspace"/> in a fixture.</summary>
public abstract class WorkspaceTests
{
    private protected TinyWorkspace _folder = null!;

    [OneTimeSetUp]
    public void MakeWorkspace() => _folder = new TinyWorkspace();

    [OneTimeTearDown]
    public void RemoveWorkspace() => _folder.Dispose();
}
