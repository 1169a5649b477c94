using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace StandIns.Tests;

[TestFixture]
public class TorchScopeTests
{
    [Test]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            Assert.That(CurrentDisposeScope, Is.SameAs(scope));
            inside = ones(3) + 1;
            Assert.That(scope.DisposablesCount, Is.EqualTo(2));
            Assert.That(scope.Contains(inside));
            Assert.That(scope.DisposablesView, Does.Contain(inside));
        }
        Assert.That(inside.IsInvalid);
        Assert.That(() => inside.sum(), Throws.InvalidOperationException);
    }

    [Test]
    public void Results_move_outwards_one_scope_at_a_time()
    {
        using var outer = NewDisposeScope();
        Tensor kept, dropped;
        using (var inner = NewDisposeScope())
        {
            kept = inner.MoveToOuter(ones(2));
            dropped = ones(2);
        }
        Assert.That((kept.IsInvalid, dropped.IsInvalid, outer.DisposablesCount), Is.EqualTo((false, true, 1)));
    }

    [Test]
    public void Pairs_and_lists_move_together()
    {
        using var outer = NewDisposeScope();
        Tensor a, b, c;
        using (var inner = NewDisposeScope())
        {
            (a, b) = inner.MoveToOuter(ones(1), ones(2));
            c = ones(3);
            inner.MoveToOuter([c]);
        }
        Assert.That(new[] { a, b, c }.Any(tensor => tensor.IsInvalid), Is.False);
        Assert.That(outer.DisposablesCount, Is.EqualTo(3));
    }

    [Test]
    public void Tensors_move_to_another_scope_or_to_none()
    {
        using var outer = NewDisposeScope();
        Tensor other, free;
        using (NewDisposeScope())
        using (var inner = NewDisposeScope())
        {
            other = ones(1).MoveToOtherDisposeScope(outer);
            free = inner.Detach(ones(1));
        }
        Assert.That((other.IsInvalid, free.IsInvalid, outer.DisposablesCount), Is.EqualTo((false, false, 1)));
        free.Dispose();
        Assert.That(free.IsInvalid);
    }

    [Test]
    public void Everything_but_the_kept_is_disposed()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1), c = ones(1);
        Assert.That(scope.DisposeEverythingBut(a), Is.SameAs(a));
        Assert.That((a.IsInvalid, b.IsInvalid, c.IsInvalid, scope.DisposablesCount), Is.EqualTo((false, true, true, 1)));
        scope.DisposeEverything();
        Assert.That(a.IsInvalid);
    }

    [Test]
    public void An_early_disposal_leaves_the_scope()
    {
        using var scope = NewDisposeScope();
        var tensor = ones(1);
        tensor.Dispose();
        tensor.Dispose();
        Assert.That(scope.DisposablesCount, Is.Zero);
    }

    [Test]
    public void Anything_disposable_can_be_attached()
    {
        var stream = new MemoryStream();
        using (var scope = NewDisposeScope()) scope.Attach(stream);
        Assert.That(stream.CanRead, Is.False);
    }

    [Test]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        var elsewhere = Task.Factory.StartNew(() => ones(2), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Result;
        Assert.That(scope.DisposablesCount, Is.Zero);
        elsewhere.Dispose();
    }

    [Test]
    public void Wrapping_keeps_the_value_only()
    {
        using var scope = NewDisposeScope();
        var value = WrappedTensorDisposeScope(() => ones(2) + 1);
        Assert.That(value.data<float>().ToArray(), Is.EqualTo(new[] { 2f, 2f }));
        Assert.That(scope.DisposablesCount, Is.EqualTo(1));
    }

    [Test]
    public void Statistics_count_what_became_of_the_tensors()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var outside = ones(1);
        using (var scope = NewDisposeScope())
        {
            ones(1);
            ones(1).DetachFromDisposeScope().Dispose();
            Assert.That(statistics.ThreadTotalLiveCount, Is.EqualTo(1));
        }
        outside.Dispose();
        Assert.That((statistics.CreatedOutsideScopeCount, statistics.CreatedInScopeCount, statistics.DetachedFromScopeCount, statistics.DisposedInScopeCount),
            Is.EqualTo((1L, 2L, 1L, 1L)));
    }
}
