using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace StandIns.Tests;

[TestFixture, NonParallelizable]
public class TorchRuntimeTests
{
    [Test]
    public void Threads_are_set_and_told()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.That(get_num_threads(), Is.EqualTo(1));
        set_num_threads(before);
        Assert.That(get_num_threads(), Is.EqualTo(before));
    }

    [Test]
    public void Only_the_OpenBLAS_that_shares_OpenMPs_threads_is_loaded_where_it_is_installed()
    {
        const string folder = "/openblas-openmp/";
        Assume.That(Directory.GetDirectories("/usr/lib", "*-linux-gnu").Any(path => Directory.Exists(path + folder)), "OpenBLAS's OpenMP build is not installed");
        using (var product = ones(2, 2).mm(ones(2, 2))) Assert.That(product.sum().ToSingle(), Is.EqualTo(8));
        var loaded = File.ReadLines("/proc/self/maps").Where(line => line.Contains("/libopenblas") || line.Contains("/libblas"))
            .Select(line => line[line.IndexOf('/')..]).Distinct().ToArray();
        Assert.That(loaded, Is.Not.Empty.And.All.Contains(folder));
    }

    [Test]
    public void CUDA_is_available_where_there_is_a_device()
    {
        Assert.That(cuda.is_available(), Is.EqualTo(cuda.device_count() > 0));
        using var scope = NewDisposeScope();
        if (!cuda.is_available())
        {
            Assert.That(() => ones(2).cuda(), Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>());
            return;
        }
        var doubled = ones(2).to("cuda") * 2;
        cuda.synchronize();
        Assert.That((doubled.is_cuda, doubled.cpu().data<float>().ToArray()), Is.EqualTo((true, new[] { 2f, 2f })));
    }
}
