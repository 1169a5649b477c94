using System.Runtime.InteropServices;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace StandIns.Tests;

[TestFixture]
public class TorchAutogradTests
{
    private DisposeScope? _scope;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope?.Dispose();

    private static Tensor Leaf(params float[] values) => tensor(values).requires_grad_();

    private static float[] Values(Tensor tensor) => tensor.detach().data<float>().ToArray();

    [Test]
    public void Gradients_accumulate()
    {
        var x = Leaf(1, -2);
        (x * x).sum().backward();
        (x * 3).sum().backward();
        Assert.That(Values(x.grad), Is.EqualTo(new[] { 5f, -1 }));
        x.grad = null;
        Assert.That(x.grad is null);
        x.grad = ones(2);
        Assert.That(Values(x.grad), Is.EqualTo(new[] { 1f, 1 }));
    }

    [Test]
    public void Nothing_is_recorded_where_gradients_are_off()
    {
        var x = Leaf(1);
        using (no_grad())
        {
            Assert.That((is_grad_enabled(), (x * 2).requires_grad), Is.EqualTo((false, false)));
            using (enable_grad()) Assert.That((x * 2).requires_grad);
            Assert.That(is_grad_enabled(), Is.False);
        }
        using (set_grad_enabled(false)) Assert.That((x * 2).requires_grad, Is.False);
        using (inference_mode()) Assert.That((x * 2).requires_grad, Is.False);
        Assert.That((is_grad_enabled(), (x * 2).requires_grad, x.detach().requires_grad), Is.EqualTo((true, true, false)));
        Assert.That((x.is_leaf, (x * 2).is_leaf, (x * 2).detach_().is_leaf), Is.EqualTo((true, false, true)));
    }

    [Test]
    public void A_graph_serves_once_unless_kept()
    {
        var x = Leaf(2);
        var y = (x * x).sum();
        y.backward(null, true, false);
        y.backward();
        Assert.That(Values(x.grad), Is.EqualTo(new[] { 8f }));
        Assert.That(y.backward, Throws.InstanceOf<ExternalException>());
    }

    [Test]
    public void An_inner_gradient_is_kept_on_request()
    {
        var x = Leaf(3);
        var y = x * 2;
        y.retain_grad();
        (y * y).sum().backward();
        Assert.That((Values(y.grad)[0], Values(x.grad)[0]), Is.EqualTo((12f, 24f)));
    }

    [Test]
    public void Grad_differentiates_twice_and_leaves_the_leaves_alone()
    {
        var x = Leaf(2);
        var first = autograd.grad([(x * x * x).sum()], [x], null, true, true)[0];
        Assert.That(Values(first), Is.EqualTo(new[] { 12f }));
        Assert.That(Values(autograd.grad([first.sum()], [x])[0]), Is.EqualTo(new[] { 12f }));
        Assert.That(x.grad is null);
        Assert.That(autograd.grad([(x * 1).sum()], [x, Leaf(1)], allow_unused: true)[1] is null);
    }

    [Test]
    public void Gelu_differentiates_twice()
    {
        // The second derivative of x Φ(x) is φ(x) (2 - x²).
        var x = tensor(new[] { 0.7 }).requires_grad_();
        var first = autograd.grad([nn.functional.gelu(x).sum()], [x], null, true, true)[0];
        var second = autograd.grad([first.sum()], [x])[0].item<double>();
        Assert.That(second, Is.EqualTo(Math.Exp(-0.245) / Math.Sqrt(2 * Math.PI) * (2 - 0.49)).Within(1e-12));
    }

    [Test]
    public void Several_roots_and_chosen_leaves()
    {
        Tensor x = Leaf(1, 2), y = Leaf(3, 4);
        autograd.backward([x * y, x + y], [ones(2), full([2], 10f)], inputs: [x]);
        Assert.That(Values(x.grad), Is.EqualTo(new[] { 13f, 14 }));
        Assert.That(y.grad is null);
    }
}
