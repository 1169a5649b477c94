using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ImageCacheTests
{
    private sealed class Known(string name, List<string> gone) : IDisposable
    {
        public string Name => name;

        public void Dispose() => gone.Add(name);
    }

    private readonly List<string> _made = [], _gone = [];

    private string Get(ImageCache<Known> cache, RgbImage image, string name, long bytes = 10) => cache.Get(image, _ =>
    {
        _made.Add(name);
        return (new Known(name, _gone), bytes);
    }).Name;

    [SetUp]
    public void Forget()
    {
        _made.Clear();
        _gone.Clear();
    }

    [Test]
    public void TheOneNotAskedForLongestLeavesFirst()
    {
        RgbImage a = new(1, 1), b = new(1, 1), c = new(1, 1);
        using var cache = new ImageCache<Known>(20);
        Get(cache, a, "a");
        Get(cache, b, "b");
        Assert.That(Get(cache, a, "again"), Is.EqualTo("a"), "known");
        Get(cache, c, "c");
        Assert.That(_gone, Is.EqualTo(new[] { "b" }));
        Assert.That((cache.Bytes, cache.Count), Is.EqualTo((20L, 2)));
        Assert.That(Get(cache, b, "b2"), Is.EqualTo("b2"), "equal pixels are not the same image");
        Assert.That(_made, Is.EqualTo(new[] { "a", "b", "c", "b2" }));
        GC.KeepAlive((a, b, c));
    }

    [Test]
    public void TheLatestStaysWhateverItsSize()
    {
        RgbImage a = new(1, 1), b = new(1, 1);
        using var cache = new ImageCache<Known>(0);
        Get(cache, a, "a", 100);
        Assert.That(Get(cache, a, "again"), Is.EqualTo("a"));
        Get(cache, b, "b", 100);
        Assert.That(_gone, Is.EqualTo(new[] { "a" }));
        GC.KeepAlive((a, b));
    }

    [Test]
    public void AnImageThatNobodyHoldsLeaves()
    {
        using var cache = new ImageCache<Known>(1000);
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Lose() => Get(cache, new RgbImage(1, 1), "lost");
        Lose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Get(cache, new RgbImage(1, 1), "other");
        Assert.That(_gone, Is.EqualTo(new[] { "lost" }));
    }

    [Test]
    public void DisposingLetsAllGo()
    {
        RgbImage a = new(1, 1), b = new(1, 1);
        var cache = new ImageCache<Known>(1000);
        Get(cache, a, "a");
        Get(cache, b, "b");
        cache.Dispose();
        Assert.That(_gone, Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(cache.Bytes, Is.Zero);
        GC.KeepAlive((a, b));
    }
}
