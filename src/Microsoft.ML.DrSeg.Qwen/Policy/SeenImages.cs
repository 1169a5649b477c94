using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What the vision tower has made of the images that a policy showed it last. A policy's own, as the size at which it shows them
/// is: another policy over the same weights may show the same image at another size. For any number of threads, which wait for each other.
/// </summary>
internal sealed class SeenImages : IDisposable
{
    /// <summary>The most that is kept: 3.7 MB an image of 900 tokens of 2,048 in bfloat16, so some 70 of them.</summary>
    public const long CachedBytes = 256L << 20;

    private readonly Lock _turn = new();
    private readonly ImageCache<VisionFeatures> _known = new(CachedBytes);

    /// <summary>What is known of an image; the caller disposes it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="encode">Makes it where it is not known.</param>
    public VisionFeatures Features(RgbImage image, Func<VisionFeatures> encode)
    {
        // Entries may leave the cache at the next call.
        lock (_turn)
        {
            VisionFeatures known = _known.Get(image, _ =>
            {
                VisionFeatures made = encode();
                return (made, made.Deepstack.Prepend(made.Tokens).Sum(tensor => tensor.numel() * tensor.element_size()));
            });
            return new VisionFeatures(known.Tokens.alias().DetachFromDisposeScope(), [.. known.Deepstack.Select(map => map.alias().DetachFromDisposeScope())]);
        }
    }

    public void Dispose() => _known.Dispose();
}
