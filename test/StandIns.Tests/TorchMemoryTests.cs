using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests;

[TestFixture, NonParallelizable]
public class TorchMemoryTests
{
    /// <summary>A step makes about 10 kB of tensors: a leak of one in a hundred would show.</summary>
    private const long AllowedGrowth = 6 << 20;

    [Test]
    public void Ten_thousand_training_steps_within_scopes_hold_memory_flat()
    {
        using var outer = NewDisposeScope();
        var input = randn(16, 8);
        var target = randn(16, 4);
        var first = (randn(12, 8) * 0.3).requires_grad_();
        var second = (randn(4, 12) * 0.3).requires_grad_();

        // Long enough for the run-time compiler, which takes memory of its own, to be done with these methods.
        Train(10_000);
        var (live, native) = (Tensor.TotalCount, NativeBytes());
        Train(10_000);

        Assert.That(Tensor.TotalCount, Is.LessThanOrEqualTo(live), "live tensors");
        Assert.That(NativeBytes() - native, Is.LessThan(AllowedGrowth), "resident memory that is not managed");

        void Train(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                using var scope = NewDisposeScope();
                var output = F.linear(F.gelu(F.linear(input, first)), second);
                F.mse_loss(output, target).backward();
                using var noGradient = no_grad();
                foreach (var weight in new[] { first, second })
                {
                    weight.sub_(weight.grad * 0.01);
                    weight.grad.zero_();
                }
            }
        }
    }

    [Test]
    public void The_garbage_collector_frees_what_no_scope_holds()
    {
        var before = Tensor.TotalCount;
        MakeGarbage();
        for (var i = 0; i < 10 && Tensor.TotalCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.That(Tensor.TotalCount, Is.LessThanOrEqualTo(before));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void MakeGarbage()
    {
        for (var i = 0; i < 100; i++) ones(3);
    }

    [Test]
    public void A_tensor_stays_alive_while_native_code_reads_it()
    {
        for (var i = 0; i < 100; i++)
        {
            var pending = Task.Run(() => { for (var k = 0; k < 3; k++) GC.Collect(0); });
            Assert.That((ones(200, 200) * 2).sum().item<float>(), Is.EqualTo(80_000));
            pending.Wait();
        }
    }

    /// <summary>The process's resident memory without what the garbage collector holds.</summary>
    private static long NativeBytes()
    {
        Assume.That(File.Exists("/proc/self/status"), "resident memory is read where /proc is");
        return ResidentMemory.Bytes() - GC.GetGCMemoryInfo().TotalCommittedBytes;
    }
}
