using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// A prompt as the text model reads it: token ids, an image's features in the places held for them, and where every token
/// stands. Positions as <c>Qwen2_5_VLModel.get_rope_index</c> of the transformers library gives them for one image.
/// </summary>
internal sealed class TextPrompt : IDisposable
{
    /// <param name="ids">S tokens, with one <paramref name="imageToken"/> for each token of the image.</param>
    /// <param name="image">The image, or null; it stays the caller's, and must outlive the prompt.</param>
    /// <param name="imageToken">Id that stands for one token of an image.</param>
    /// <param name="device">Where the model is.</param>
    /// <exception cref="ArgumentException">There is no token, or there are more or fewer image tokens than the image has, or they do not follow each other.</exception>
    public TextPrompt(IReadOnlyList<int> ids, ImageFeatures? image, int imageToken, Device device)
    {
        if (ids.Count == 0)
            throw new ArgumentException("A prompt has at least one token.", nameof(ids));
        int[] places = [.. Enumerable.Range(0, ids.Count).Where(i => ids[i] == imageToken)];
        int expected = image is null ? 0 : image.Rows * image.Columns;
        if (places.Length != expected || image is not null && image.Tokens.shape[0] != expected)
            throw new ArgumentException($"The prompt holds {places.Length} image tokens ({imageToken}), and its image has {image?.Tokens.shape[0] ?? 0} in a grid of {image?.Rows ?? 0} x {image?.Columns ?? 0}. Prompts are never cut, and hold one such token for each of the image's.", nameof(ids));
        if (places.Length > 0 && places[^1] - places[0] != places.Length - 1)
            throw new ArgumentException($"The image tokens ({imageToken}) from {places[0]} to {places[^1]} do not follow each other.", nameof(ids));
        using var scope = NewDisposeScope();
        long[] positions = PositionsOf(ids.Count, places.FirstOrDefault(-1), image?.Rows ?? 0, image?.Columns ?? 0);
        NextPosition = positions.Max() + 1;
        Image = image;
        Ids = tensor([.. ids.Select(id => (long)id)]).to(device).DetachFromDisposeScope();
        Positions = tensor(positions, [3, ids.Count]).to(device).DetachFromDisposeScope();
        ImagePlaces = image is null ? null : tensor([.. places.Select(place => (long)place)]).to(device).DetachFromDisposeScope();
    }

    /// <summary>[S] of Int64.</summary>
    public Tensor Ids { get; }

    /// <summary>[3, S] of Int64: time, row, column.</summary>
    public Tensor Positions { get; }

    /// <summary>Position, on all three axes, of the first token of an answer.</summary>
    public long NextPosition { get; }

    /// <summary>Where the image's tokens go, [N] of Int64; null without an image.</summary>
    public Tensor? ImagePlaces { get; }

    /// <summary>What goes there.</summary>
    public ImageFeatures? Image { get; }

    /// <summary>S.</summary>
    public int Length => (int)Ids.shape[0];

    public void Dispose()
    {
        Ids.Dispose();
        Positions.Dispose();
        ImagePlaces?.Dispose();
    }

    // An image takes as many positions as its longer side has tokens; text before and after counts one by one.
    private static long[] PositionsOf(int length, int imageStart, int rows, int columns)
    {
        var positions = new long[3 * length];
        int tokens = rows * columns;
        for (int i = 0; i < length; i++)
        {
            int inImage = i - imageStart;
            bool isImage = tokens > 0 && inImage >= 0 && inImage < tokens;
            long text = tokens > 0 && inImage >= tokens ? i - tokens + Math.Max(rows, columns) : i;
            positions[i] = isImage ? imageStart : text;
            positions[length + i] = isImage ? imageStart + inImage / columns : text;
            positions[2 * length + i] = isImage ? imageStart + inImage % columns : text;
        }
        return positions;
    }
}
