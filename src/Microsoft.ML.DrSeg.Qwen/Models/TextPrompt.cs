using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// A prompt as the text model reads it: token ids, what the vision tower made of its images in the places held for them, and
/// where every token stands.
/// </summary>
internal sealed class TextPrompt : IDisposable
{
    /// <param name="tokens">S tokens, with one <see cref="QwenShape.ImageToken"/> for each token of its images.</param>
    /// <param name="images">The patches of its images, in their order; none for text alone.</param>
    /// <param name="features">What the vision tower made of them; null without images. Stays the caller's, and must outlive the prompt.</param>
    /// <param name="shape">Of the model.</param>
    /// <param name="device">Where the model is.</param>
    /// <exception cref="ArgumentException">There is no token, or there are more or fewer image tokens than the images have.</exception>
    public TextPrompt(IReadOnlyList<int> tokens, IReadOnlyList<PatchGrid> images, VisionFeatures? features, QwenShape shape, Device device)
    {
        if (tokens.Count == 0)
            throw new ArgumentException("A prompt has at least one token.", nameof(tokens));
        var positions = RopePositions.Of(tokens, images, shape.ImageToken, shape.Vision.MergeSize);
        long[] places = [.. Enumerable.Range(0, tokens.Count).Where(i => tokens[i] == shape.ImageToken).Select(i => (long)i)];
        long held = features?.Tokens.shape[0] ?? 0;
        if (places.Length != held)
            throw new ArgumentException($"The prompt holds {places.Length} image tokens ({shape.ImageToken}), and its images are {held} tokens. A prompt is never cut and holds one for each.", nameof(features));
        using var scope = NewDisposeScope();
        NextPosition = positions.Next;
        Features = features;
        Tokens = tensor([.. tokens.Select(token => (long)token)]).to(device).DetachFromDisposeScope();
        Positions = positions.ToTensor(device).DetachFromDisposeScope();
        ImagePlaces = tensor(places).to(device).DetachFromDisposeScope();
    }

    /// <summary>[S] of Int64.</summary>
    public Tensor Tokens { get; }

    /// <summary>[3, S] of Int64: time, row, column.</summary>
    public Tensor Positions { get; }

    /// <summary>Position, on all three axes, of the first token of an answer; the next ones follow by one.</summary>
    public long NextPosition { get; }

    /// <summary>Where the images' tokens are among the prompt's, [N] of Int64.</summary>
    public Tensor ImagePlaces { get; }

    /// <summary>What goes there; null without images.</summary>
    public VisionFeatures? Features { get; }

    /// <summary>S.</summary>
    public int Length => (int)Tokens.shape[0];

    public void Dispose()
    {
        Tokens.Dispose();
        Positions.Dispose();
        ImagePlaces.Dispose();
    }
}
