using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Squares of logits, one an object: [N, Side, Side].</summary>
internal readonly record struct ObjectLogits(float[] Values, int Side);

/// <summary>
/// How SAM segments, whoever computes it: an image is encoded once, and kept for a while; prompts of it are decoded in batches.
/// For any number of threads, which wait for each other.
/// </summary>
/// <param name="cacheBytes">Bytes of encoded images to keep.</param>
/// <param name="encode">An image to what masks need of it, and its bytes.</param>
/// <param name="decode">One chosen mask an object.</param>
internal sealed class EncodeOnceSegmentation<T>(long cacheBytes, Func<RgbImage, (T Known, long Bytes)> encode, Func<T, ObjectBatch, ObjectLogits> decode) : IDisposable
    where T : class, IDisposable
{
    // An object takes some 50 MB while it is decoded.
    private const int MostTogether = 8;

    private readonly Lock _turn = new();
    private bool _disposed;

    /// <summary>Images that are known.</summary>
    public ImageCache<T> Cache { get; } = new(cacheBytes);

    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return SegmentObjects([.. prompts.Select(prompt => (prompt.Image, ObjectPrompt.Of(prompt)))]);
    }

    public SegmentationMask[] SegmentObjects(IReadOnlyList<(RgbImage Image, ObjectPrompt Prompt)> prompts)
    {
        var masks = new SegmentationMask[prompts.Count];
        foreach (ObjectBatch batch in ObjectBatch.Of(prompts, MostTogether))
        {
            ObjectLogits logits = See(batch.Image, known => decode(known, batch));
            int area = logits.Side * logits.Side;
            var enlarged = new LowResolutionMask(logits.Side, batch.Image.Width, batch.Image.Height);
            Parallel.For(0, batch.Objects.Length, i => masks[batch.Places[i]] = enlarged.Cut(logits.Values.AsSpan(i * area, area)));
        }
        return masks;
    }

    /// <summary>What a function makes of an encoded image, which is the cache's own and valid for that long.</summary>
    public TResult See<TResult>(RgbImage image, Func<T, TResult> see)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return see(Cache.Get(image, encode));
        }
    }

    public void Dispose()
    {
        lock (_turn)
        {
            _disposed = true;
            Cache.Dispose();
        }
    }
}
