using NUnit.Framework;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StandIns.Tests;

/// <summary>Registration, names, modes and moves of modules.</summary>
[TestFixture]
public class ModuleTests
{
    private sealed class Scaled : Module<Tensor, Tensor>
    {
        private readonly Linear inner;
        private readonly Parameter scale;
        private readonly Tensor shift;

        public Scaled() : base(nameof(Scaled))
        {
            inner = Linear(2, 3);
            scale = new Parameter(ones(3) * 2);
            shift = full([3], 0.5f);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => inner.call(input) * scale + shift;
    }

    private sealed class Nested : Module<Tensor, Tensor, Tensor>
    {
        private readonly ModuleList<Scaled> layers = new(new Scaled(), new Scaled());
        private readonly Sequential tail = Sequential(("norm", LayerNorm(3)), ("act", GELU()));

        public Nested() : base(nameof(Nested)) => RegisterComponents();

        public override Tensor forward(Tensor input1, Tensor input2) => tail.call(layers[0].call(input1) + layers[1].call(input2));
    }

    private sealed class Tied : Module<Tensor, Tensor>
    {
        private readonly Parameter first, second;

        public Tied() : base(nameof(Tied))
        {
            first = second = new Parameter(ones(2));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input * first * second;
    }

    private sealed class ThreeAndFour : Module<float, float, float, float>
    {
        public ThreeAndFour() : base(nameof(ThreeAndFour)) { }

        public override float forward(float input1, float input2, float input3) => input1 + 10 * input2 + 100 * input3;
    }

    private sealed class FourInputs : Module<float, float, float, float, float>
    {
        public FourInputs() : base(nameof(FourInputs)) { }

        public override float forward(float input1, float input2, float input3, float input4) => input1 + 10 * input2 + 100 * input3 + 1000 * input4;
    }

    [Test]
    public void NamesComeFromFieldsOwnEntriesFirst()
    {
        using var module = new Nested();
        string[] parameters =
        [
            "layers.0.scale", "layers.0.inner.weight", "layers.0.inner.bias",
            "layers.1.scale", "layers.1.inner.weight", "layers.1.inner.bias",
            "tail.norm.weight", "tail.norm.bias",
        ];
        string[] buffers = ["layers.0.shift", "layers.1.shift"];

        Assert.That(module.named_parameters().Select(entry => entry.name), Is.EqualTo(parameters));
        Assert.That(module.named_buffers().Select(entry => entry.name), Is.EqualTo(buffers));
        Assert.That(module.state_dict().Keys, Is.EqualTo(parameters.Concat(buffers)));
        Assert.That(module.named_modules().Select(entry => entry.name).Take(4), Is.EqualTo(new[] { "layers", "tail", "layers.0", "layers.1" }));
        Assert.That(module.GetName(), Is.EqualTo("Nested"));
        Assert.That(module.state_dict(prefix: "net").Keys, Has.All.StartsWith("net."));
    }

    [Test]
    public void CallRunsForwardForEveryNumberOfInputs()
    {
        using var two = new Nested();
        using var three = new ThreeAndFour();
        using var four = new FourInputs();

        Assert.That(two.call(ones(5, 2), zeros(5, 2)).shape, Is.EqualTo(new long[] { 5, 3 }));
        Assert.That(three.call(1, 2, 3), Is.EqualTo(321));
        Assert.That(four.call(1, 2, 3, 4), Is.EqualTo(4321));
    }

    [Test]
    public void SharedParameterIsListedOnce()
    {
        using var module = new Tied();

        Assert.That(module.named_parameters().Select(entry => entry.name), Is.EqualTo(new[] { "first" }));
    }

    [Test]
    public void ModeReachesEveryDescendant()
    {
        using var module = new Nested();
        module.eval();
        Assert.That(module.modules().Append(module).Select(part => part.training), Has.All.False);
        module.train();
        Assert.That(module.modules().Append(module).Select(part => part.training), Has.All.True);
    }

    [Test]
    public void ApplyVisitsChildrenBeforeTheirParent()
    {
        using var module = new Scaled();
        var visited = new List<string>();
        module.apply(part => visited.Add(part.GetName()));

        Assert.That(visited, Is.EqualTo(new[] { "Linear", "Scaled" }));
    }

    [Test]
    public void NamesMustBeFreeAndWithoutDots()
    {
        using var module = new Scaled();

        Assert.That(() => module.register_parameter("scale", new Parameter(ones(1))), Throws.InvalidOperationException.With.Message.Contains("scale"));
        Assert.That(() => module.register_buffer("a.b", ones(1)), Throws.ArgumentException.With.Message.Contains("a.b"));
        Assert.That(() => module.register_module("", new Scaled()), Throws.ArgumentException);
    }

    [Test]
    public void NonPersistentBufferStaysOutOfTheState()
    {
        using var module = new Scaled();
        module.register_buffer("cache", ones(1), persistent: false);

        Assert.That(module.has_buffer("cache"), Is.True);
        Assert.That(module.get_buffer("cache").numel(), Is.EqualTo(1));
        Assert.That(module.state_dict(), Does.Not.ContainKey("cache"));
        Assert.That(module.buffers(true, false).Count(), Is.EqualTo(1));
    }

    [Test]
    public void ModuleOutlivesTheScopeItWasBuiltIn()
    {
        Scaled module;
        using (NewDisposeScope()) module = new Scaled();

        Assert.That(module.state_dict().Values.Select(tensor => tensor.IsInvalid), Has.All.False);
        module.Dispose();
        Assert.That(module.state_dict().Values.Select(tensor => tensor.IsInvalid), Has.All.True);
    }

    [Test]
    public void MovingKeepsTheTensorsAndTakesTheGradientsAlong()
    {
        using var scope = NewDisposeScope();
        using var module = new Scaled();
        module.call(ones(1, 2)).sum().backward();
        var before = module.parameters().ToArray();
        var weight = module.get_parameter("inner.weight");
        var values = weight.to_type(ScalarType.Float64).data<double>().ToArray();

        Assert.That(module.to(ScalarType.Float64), Is.SameAs(module));
        Assert.That(module.parameters().Zip(before).All(pair => ReferenceEquals(pair.First, pair.Second)), Is.True);
        Assert.That(module.state_dict().Values.Select(tensor => tensor.dtype), Has.All.EqualTo(ScalarType.Float64));
        Assert.That(weight.data<double>().ToArray(), Is.EqualTo(values));
        Assert.That(weight.grad.dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(weight.requires_grad && weight.is_leaf, Is.True);

        module.call(ones(1, 2, dtype: ScalarType.Float64)).sum().backward();
        Assert.That(weight.grad.data<double>().ToArray(), Has.All.EqualTo(4));

        module.to(CPU).to(DeviceType.CPU).to(CPU, ScalarType.Float32);
        Assert.That(weight.dtype, Is.EqualTo(ScalarType.Float32));
    }

    [Test]
    public void ConversionLeavesIntegersAlone()
    {
        using var norm = BatchNorm2d(2, dtype: ScalarType.Float64);

        Assert.That(norm.running_mean.dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(norm.num_batches_tracked.dtype, Is.EqualTo(ScalarType.Int64));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void ZeroGradForgetsOrFillsWithZeros(bool setToNone)
    {
        using var scope = NewDisposeScope();
        using var module = new Scaled();
        module.call(ones(1, 2)).sum().backward();
        module.zero_grad(setToNone);

        foreach (var parameter in module.parameters())
        {
            if (setToNone) Assert.That(parameter.grad is null, Is.True);
            else Assert.That(parameter.grad!.abs().sum().item<float>(), Is.Zero);
        }
    }

    [Test]
    public void ReplacedListItemIsTheRegisteredOne()
    {
        using var list = ModuleList(Linear(1, 1), Linear(1, 1));
        var replacement = Linear(1, 2);
        list[1] = replacement;
        list.append(Linear(1, 3));

        Assert.That(list, Has.Count.EqualTo(3));
        Assert.That(list.children().ElementAt(1), Is.SameAs(replacement));
        Assert.That(list.named_children().Select(entry => entry.name), Is.EqualTo(new[] { "0", "1", "2" }));
    }
}
