using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StandIns.Tests;

/// <summary>State dictionaries, and TorchSharp's stream format.</summary>
[TestFixture]
public class ModuleStateTests
{
    private static byte[] Save(Module module, params string[] skip)
    {
        using var stream = new MemoryStream();
        module.save(stream, skip);
        return stream.ToArray();
    }

    private static float[] Values(Tensor tensor) => tensor.detach().flatten().data<float>().ToArray();

    [Test]
    public void StreamHoldsCountNameTypeShapeAndValues()
    {
        using var module = Linear(2, 1, false);
        init.constant_(module.weight, 1);

        // one tensor; a name of 6 letters; element type 6 (float32); 2 dimensions, 1 and 2; 1.0f twice
        var expected = new byte[] { 1, 6 }.Concat("weight"u8.ToArray()).Concat(new byte[] { 6, 2, 1, 2, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f });
        Assert.That(Save(module), Is.EqualTo(expected));
    }

    [Test]
    public void SavedStateComesBackExactly()
    {
        using var scope = NewDisposeScope();
        using var source = Sequential(Conv2d(3, 4, 3), BatchNorm2d(4), ReLU());
        source.call(randn(2, 3, 5, 5));
        using var target = Sequential(Conv2d(3, 4, 3), BatchNorm2d(4), ReLU());
        var loaded = new Dictionary<string, bool>();
        target.load(new MemoryStream(Save(source)), loadedParameters: loaded);

        foreach (var (name, tensor) in source.state_dict())
            Assert.That(tensor.equal(target.state_dict()[name]).item<bool>(), Is.True, name);
        Assert.That(loaded.Keys, Is.EqualTo(source.state_dict().Keys));
        Assert.That(loaded.Values, Has.All.True);
    }

    [Test]
    public void FileAndTransposedValuesComeBack()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "module.dat");
        using var source = Linear(3, 2, false);
        source.weight = new Parameter(arange(6, ScalarType.Float32).reshape(3, 2).t());
        using var target = Linear(3, 2, false);
        try
        {
            source.save(path);
            target.load(path);
        }
        finally { File.Delete(path); }

        Assert.That(Values(target.weight), Is.EqualTo(new float[] { 0, 2, 4, 1, 3, 5 }));
        Assert.That(() => target.load(path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("module.dat"));
    }

    [Test]
    public void SkippedNamesAreNeitherWrittenNorRead()
    {
        using var source = Linear(2, 1);
        using var target = Linear(2, 1);
        var bias = Values(target.bias);
        target.load(new MemoryStream(Save(source)), skip: ["bias"]);

        Assert.That(Values(target.weight), Is.EqualTo(Values(source.weight)));
        Assert.That(Values(target.bias), Is.EqualTo(bias));
        Assert.That(Save(source, "bias"), Has.Length.EqualTo(1 + 7 + 4 + 8));
    }

    [Test]
    public void StrictLoadRefusesWhatDoesNotFit()
    {
        var bytes = Save(Linear(2, 3));

        Assert.That(() => Linear(2, 3, false).load(new MemoryStream(bytes)), Throws.ArgumentException.With.Message.Contains("2 tensors"));
        Assert.That(() => LayerNorm(3).load(new MemoryStream(bytes)), Throws.ArgumentException.With.Message.Contains("[3,2]"));
        Assert.That(() => Sequential(Linear(2, 3)).load(new MemoryStream(bytes)), Throws.ArgumentException.With.Message.Contains("'weight'"));
        Assert.That(() => Linear(2, 3, dtype: ScalarType.Float64).load(new MemoryStream(bytes)), Throws.ArgumentException.With.Message.Contains("Float32"));
        Assert.That(() => Linear(2, 3, false).load(new MemoryStream(bytes), strict: false), Throws.Nothing);
    }

    [Test]
    public void BrokenStreamsAreErrors()
    {
        var bytes = Save(Linear(2, 3));
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.That(() => Linear(2, 3).load(new MemoryStream(cut)), Throws.InstanceOf<EndOfStreamException>(), $"cut after {length} bytes");
            Assert.That(() => Linear(9, 9).load(new MemoryStream(cut), strict: false), Throws.Exception, $"cut after {length} bytes");
        }
        var unknownType = (byte[])bytes.Clone();
        unknownType[8] = 77;
        Assert.That(() => Linear(2, 3).load(new MemoryStream(unknownType)), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("77"));
        var manyDimensions = (byte[])bytes.Clone();
        manyDimensions[9] = 99;
        Assert.That(() => Linear(2, 3).load(new MemoryStream(manyDimensions)), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("99"));
    }

    [Test]
    public void StateDictionaryIsLoadedByName()
    {
        using var source = Linear(2, 3);
        using var target = Linear(2, 3);
        var state = source.state_dict();
        var (missing, unexpected) = target.load_state_dict(state);

        Assert.That(missing, Is.Empty);
        Assert.That(unexpected, Is.Empty);
        Assert.That(Values(target.weight), Is.EqualTo(Values(source.weight)));

        state.Remove("bias");
        state["extra"] = ones(1);
        Assert.That(() => target.load_state_dict(state), Throws.InvalidOperationException.With.Message.Contains("bias").And.Message.Contains("extra"));
        (missing, unexpected) = target.load_state_dict(state, strict: false);
        Assert.That(missing, Is.EqualTo(new[] { "bias" }));
        Assert.That(unexpected, Is.EqualTo(new[] { "extra" }));

        state["weight"] = ones(1, 2);
        Assert.That(() => target.load_state_dict(state, strict: false), Throws.ArgumentException.With.Message.Contains("[1,2]"));
    }
}
