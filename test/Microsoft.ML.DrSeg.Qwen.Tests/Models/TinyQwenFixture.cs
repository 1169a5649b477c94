using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Tests that each have a reference model of their own, and a scope for the tensors that they leave.</summary>
/// <param name="name">Of the reference model.</param>
public abstract class TinyQwenFixture(string name)
{
    private DisposeScope _scope = null!;

    private protected TinyQwen Tiny { get; private set; } = null!;

    [SetUp]
    public void LoadTheModel()
    {
        _scope = NewDisposeScope();
        Tiny = new TinyQwen(name);
    }

    [TearDown]
    public void DisposeTheModel()
    {
        Tiny.Dispose();
        _scope.Dispose();
    }
}
