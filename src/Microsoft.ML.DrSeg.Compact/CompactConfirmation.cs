using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Look-to-Confirm's eye: checks a provisional mask against the image by cross-attention and says how good it is.
/// The confidence estimates the mask's IoU with the object asked for; the map says where mask and object agree.
/// </summary>
internal sealed class CompactConfirmation : IMaskConfirmation
{
    private const float Surroundings = 2f;
    private const int BatchSize = 16;

    private readonly ConfirmationNetwork _network;
    private readonly QueryVocabulary _vocabulary;
    private readonly Device _device;

    /// <summary>Creates a head with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public CompactConfirmation(CompactConfirmationShape shape, QueryVocabulary vocabulary, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        ArgumentNullException.ThrowIfNull(vocabulary);
        Shape = shape;
        _vocabulary = vocabulary;
        _device = TorchDevice.OrProcessor(device);
        _network = new ConfirmationNetwork(shape, TorchDevice.OfFreshWeights(_device));
        _network.to(_device);
    }

    /// <summary>The sizes it was made with.</summary>
    public CompactConfirmationShape Shape { get; }

    /// <inheritdoc/>
    public int MapSide => Shape.CropSize / VisionTower.Stride;

    internal nn.Module Network => _network;

    /// <summary>Begins with the policy's eyes where they have the same sizes; both learn to see the same things.</summary>
    internal void SeeLike(CompactPolicy policy)
    {
        if (policy.Shape.Width == Shape.Width && policy.Shape.QueryTokens == Shape.QueryTokens)
            _network.SeeLike(policy.Network);
    }

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters() => _network.parameters();

    /// <inheritdoc/>
    public Tensor Loss(IReadOnlyList<ConfirmationPrompt> prompts, IReadOnlyList<SegmentationMask> truths)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(truths);
        (Tensor confidence, Tensor map) = Logits(prompts);
        return ConfirmationLoss.Of(confidence, map, [.. prompts.Zip(truths, (prompt, truth) => new JudgedMask(prompt.Mask, truth, Region(prompt)))], Shape.CropSize);
    }

    /// <inheritdoc/>
    public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return SideBySide.Batches(prompts, BatchSize, ConfirmBatch, _device);
    }

    private Confirmation[] ConfirmBatch(ConfirmationPrompt[] prompts)
    {
        int side = MapSide, cells = side * side;
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        (Tensor confidence, Tensor map) = Logits(prompts);
        float[] values = confidence.sigmoid().Floats();
        float[] maps = map.sigmoid().Floats();
        return [.. prompts.Select((prompt, i) => new Confirmation(values[i], new ConfidenceMap(side, maps[(i * cells)..((i + 1) * cells)], Region(prompt))))];
    }

    /// <summary>The crop that a candidate is judged in: its mask with as much around it as it is large; that nothing is there, in the whole image.</summary>
    internal static BoundingBox Region(ConfirmationPrompt prompt) =>
        (prompt.Mask.Area > 0 ? prompt.Mask.Box : prompt.Box) is { } box ? ImageView.SquareAround(box, Surroundings) : ImageView.Whole(prompt.Image).Region;

    /// <summary>Logits of confidence [B] and map [B, P], with a gradient.</summary>
    internal (Tensor Confidence, Tensor Map) Logits(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        int size = Shape.CropSize, area = size * size;
        var images = new float[prompts.Count * 4 * area];
        var queries = new long[prompts.Count * QueryVocabulary.QueryLength];
        Parallel.For(0, prompts.Count, i =>
        {
            ConfirmationPrompt prompt = prompts[i];
            BoundingBox region = Region(prompt);
            Span<float> planes = images.AsSpan(i * 4 * area, 4 * area);
            CropSampler.Sample(prompt.Image, region, size, planes[..(3 * area)]);
            CropSampler.Sample(prompt.Mask, region, size, planes[(3 * area)..]);
        });
        _vocabulary.EncodeAll(prompts.Select(prompt => prompt.Query), queries);
        return _network.Score(
            torch.tensor(images, [prompts.Count, 4, size, size]).to(_device),
            torch.tensor(queries, [prompts.Count, QueryVocabulary.QueryLength]).to(_device));
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}

/// <summary>Sizes of a <see cref="CompactConfirmation"/>.</summary>
/// <param name="QueryTokens">Size of the query vocabulary, padding included.</param>
/// <param name="CropSize">Side of the crop in pixels, a multiple of 8 up to 1,024.</param>
/// <param name="Width">Width of the network, a multiple of 32 up to 65,536.</param>
/// <param name="Heads">Attention heads; divides <paramref name="Width"/>.</param>
/// <param name="AttendToImage">False removes the image from the attention: the control that shows what the look is worth.</param>
internal sealed record CompactConfirmationShape(int QueryTokens, int CropSize = 64, int Width = 96, int Heads = 3, bool AttendToImage = true)
{
    internal void Validate()
    {
        OptionChecks.RequireSide($"Confirmation.{nameof(CropSize)}", CropSize);
        OptionChecks.RequireWidth($"Confirmation.{nameof(Width)}", Width, 32);
        OptionChecks.Require(Heads > 0 && Width % Heads == 0, $"Confirmation.{nameof(Heads)}", Heads, $"a divisor of the width, {Width}");
    }
}
