using System.Runtime.InteropServices;
using NUnit.Framework;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests;

/// <summary>Native errors become exceptions with libtorch's message, and the process goes on.</summary>
[TestFixture]
public class TorchErrorTests
{
    private static readonly TestCaseData[] s_failures =
    [
        Case("add", () => ones(2) + ones(3), "must match the size"),
        Case("matmul", () => matmul(ones(2, 3), ones(4, 5)), "shapes cannot be multiplied"),
        Case("bmm", () => bmm(ones(2, 3, 4), ones(2, 5, 6)), "batch2"),
        Case("mm of two types", () => mm(ones(2, 2), ones(2, 2, ScalarType.Float64)), "type"),
        Case("cat", () => cat([ones(2, 2), ones(3)]), "same number of dimensions"),
        Case("cat of nothing", () => cat([]), "non-empty list"),
        Case("view", () => ones(3).view(2), "invalid for input of size"),
        Case("index", () => ones(2)[5], "out of range"),
        Case("index_select", () => ones(2).index_select(0, tensor(new long[] { 7 })), "out of range"),
        Case("split", () => ones(4).split([1, 2]), "split_with_sizes"),
        Case("topk", () => ones(3).topk(5), "out of range"),
        Case("conv2d", () => F.conv2d(ones(1, 1, 8, 8), ones(4, 3, 3, 3)), "channels"),
        Case("cross_entropy", () => F.cross_entropy(ones(2, 3), tensor(new long[] { 1, 9 })), "out of bounds"),
        Case("from_memory", () => tensor(new float[3], [2, 2]), "mismatched total size"),
        Case("gradient of integers", () => tensor(new long[] { 1 }).requires_grad_(), "floating point"),
        Case("backward without graph", () => { ones(1).backward(); return null!; }, "does not require grad"),
        Case("backward of many", () => { (ones(3).requires_grad_() * 2).backward(); return null!; }, "scalar outputs"),
        Case("in place on a leaf", () => ones(3).requires_grad_().add_(1), "in-place"),
        Case("load", () => load("/no/such/folder/file"), "/no/such/folder/file"),
    ];

    private static TestCaseData Case(string name, Func<object> action, string message) => new TestCaseData(action, message).SetArgDisplayNames(name);

    [TestCaseSource(nameof(s_failures))]
    public void A_native_error_carries_libtorchs_message(Func<object> action, string message)
    {
        using var scope = NewDisposeScope();
        Assert.That(() => action(), Throws.InstanceOf<ExternalException>().With.Message.Contains(message));
        Assert.That((ones(2) + 1).data<float>().ToArray(), Is.EqualTo(new[] { 2f, 2f }));
    }

    [Test]
    public void A_missing_gradient_is_null_also_after_an_error()
    {
        Assert.That(() => ones(2) + ones(3), Throws.InstanceOf<ExternalException>());
        Assert.That(ones(2).requires_grad_().grad is null);
    }

    [Test]
    public void Elements_are_read_as_their_own_type_only()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => tensor(3L).item<int>(), Throws.ArgumentException.With.Message.Contains("Int64"));
        Assert.That(() => ones(2).data<double>(), Throws.ArgumentException);
        Assert.That(() => ones(2).item<float>(), Throws.ArgumentException.With.Message.Contains("2"));
        Assert.That(() => ones(2, 2).t().bytes.Length, Throws.InstanceOf<NotImplementedException>());
    }

    [Test]
    public void Misuse_of_functions_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => F.interpolate(ones(1, 1, 2, 2)), Throws.ArgumentException);
        Assert.That(() => F.interpolate(ones(1, 1, 2, 2), [3]), Throws.ArgumentException);
        Assert.That(() => F.max_pool2d(ones(1, 1, 2, 2), [1, 1, 1]), Throws.ArgumentException);
        Assert.That(() => new Device("abacus"), Throws.ArgumentException);
        Assert.That(() => new Device("cuda:x"), Throws.ArgumentException);
    }
}
