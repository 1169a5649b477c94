using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace StandIns.Tests;

public class ModuleHookTests
{
    private sealed class Difference() : nn.Module<Tensor, Tensor, Tensor>(nameof(Difference))
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1 - input2;
    }

    [Test]
    public void HooksRunAroundForwardUntilTheyAreRemoved()
    {
        using var scope = NewDisposeScope();
        using ReLU module = nn.ReLU();
        var before = module.register_forward_pre_hook((_, input) => -input);
        var after = module.register_forward_hook((_, _, output) => output + 10);
        Assert.That(module.call(tensor(-2f)).item<float>(), Is.EqualTo(12));
        before.remove();
        Assert.That(module.call(tensor(-2f)).item<float>(), Is.EqualTo(10));
        after.remove();
        Assert.That(module.call(tensor(3f)).item<float>(), Is.EqualTo(3));
    }

    [Test]
    public void AHookThatReturnsNullChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var module = new Difference();
        int calls = 0;
        module.register_forward_pre_hook((_, _, _) => { calls++; return null; });
        Assert.That(module.call(tensor(5f), tensor(3f)).item<float>(), Is.EqualTo(2));
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public void AHookOfTwoInputsMayReplaceBoth()
    {
        using var scope = NewDisposeScope();
        using var module = new Difference();
        module.register_forward_pre_hook((_, first, second) => (second, first));
        Assert.That(module.call(tensor(5f), tensor(3f)).item<float>(), Is.EqualTo(-2));
    }
}
