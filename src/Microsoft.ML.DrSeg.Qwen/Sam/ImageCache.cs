using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What an encoder made of the images seen last, within a number of bytes: the one not asked for longest leaves first, and an
/// image that nobody holds any more before it. Images are told apart by identity. Not for several threads at once.
/// </summary>
/// <param name="mostBytes">Bytes that may be held; the latest image is, whatever its size.</param>
internal sealed class ImageCache<T>(long mostBytes) : IDisposable
    where T : class, IDisposable
{
    // The latest first. Images are not kept alive by what is known of them.
    private readonly LinkedList<Entry> _entries = [];

    private sealed record Entry(WeakReference<RgbImage> Image, T Known, long Bytes);

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Images held.</summary>
    public int Count => _entries.Count;

    /// <summary>What is known of an image; the cache's own, and valid until the next call.</summary>
    /// <param name="image">The image.</param>
    /// <param name="encode">Makes it where it is not known, with its bytes.</param>
    public T Get(RgbImage image, Func<RgbImage, (T Known, long Bytes)> encode)
    {
        for (LinkedListNode<Entry>? node = _entries.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (!node.Value.Image.TryGetTarget(out RgbImage? known))
                Remove(node);
            else if (ReferenceEquals(known, image))
            {
                _entries.Remove(node);
                _entries.AddFirst(node);
                return node.Value.Known;
            }
        }
        (T made, long bytes) = encode(image);
        _entries.AddFirst(new Entry(new(image), made, bytes));
        Bytes += bytes;
        while (Bytes > mostBytes && _entries.Count > 1)
            Remove(_entries.Last!);
        return made;
    }

    public void Dispose()
    {
        while (_entries.Last is { } node)
            Remove(node);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node);
        Bytes -= node.Value.Bytes;
        node.Value.Known.Dispose();
    }
}
