using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The vision tower of Qwen2-VL, Qwen2.5-VL and Qwen3-VL: patches become vectors, blocks of attention mix them, and the patches of
/// each small square become one token of the text model. It computes in the type of its weights, positions in float32; gradients
/// flow where the weights want them. Upstream: <c>Qwen2VisionTransformerPretrainedModel</c>,
/// <c>Qwen2_5_VisionTransformerPretrainedModel</c>, <c>Qwen3VLVisionModel</c> in huggingface/transformers.
/// Letters: N patches of all images, D width.
/// </summary>
internal sealed class QwenVisionTower : IDisposable
{
    // Red, green, blue.
    private const int Channels = 3;
    private const string Name = "model.visual";

    private readonly VisionShape _shape;
    private readonly ModelWeights _weights;
    private readonly Tensor _patchWeight;
    private readonly Tensor? _patchBias;
    private readonly LearnedPositions? _positions;
    private readonly VisionMerger _merger;
    private readonly VisionMerger[] _deepstack;

    private QwenVisionTower(QwenShape model, ModelWeights weights)
    {
        _weights = weights;
        _shape = model.Vision;
        bool isQwen3 = model.Family == QwenFamily.Qwen3;
        // Stored as a convolution, whose steps are as long as its kernel: a linear layer over what is in a patch.
        _patchWeight = weights.Take($"{Name}.patch_embed.proj.weight", _shape.HiddenSize, Channels, _shape.TemporalPatchSize, _shape.PatchSize, _shape.PatchSize);
        _patchBias = isQwen3 ? weights.Take($"{Name}.patch_embed.proj.bias", _shape.HiddenSize) : null;
        _positions = isQwen3 ? new LearnedPositions(weights.Take($"{Name}.pos_embed.weight", _shape.PositionRows, _shape.HiddenSize)) : null;
        Blocks = [.. Enumerable.Range(0, _shape.Depth).Select(block => new VisionBlock(weights, $"{Name}.blocks.{block}", model.Family, _shape))];
        _merger = new VisionMerger(weights, $"{Name}.merger", model.Family, _shape, normOfMerged: false);
        _deepstack = [.. _shape.DeepstackBlocks.Select((_, map) => new VisionMerger(weights, $"{Name}.deepstack_merger_list.{map}", model.Family, _shape, normOfMerged: true))];
    }

    /// <summary>The weights by name, such as <c>model.visual.blocks.0.norm1.weight</c>.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights.Tensors;

    public IReadOnlyList<VisionBlock> Blocks { get; }

    /// <summary>The shapes of its weights by name.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(QwenShape model) => ModelWeights.Outline(weights => _ = new QwenVisionTower(model, weights));

    /// <summary>Reads the tower of a model, tensor by tensor.</summary>
    /// <param name="model">Its sizes.</param>
    /// <param name="source">The model's weights, in the old or the new layout of names.</param>
    /// <param name="type">What to hold the weights as and to compute in.</param>
    /// <param name="device">Where.</param>
    /// <exception cref="InvalidDataException">Weights are missing, unknown, of another shape or not finite.</exception>
    public static QwenVisionTower Read(QwenShape model, ITensorSource source, ScalarType type, Device device)
    {
        var tensors = new QwenTensors(source);
        tensors.RequireShapes(Shapes(model), $"{Name}.");
        return ModelWeights.Read(tensors, type, device, weights => new QwenVisionTower(model, weights));
    }

    /// <summary>What images are to the text model.</summary>
    /// <param name="patches">Values of the patches of all images, [N, 3 * frames * side * side], token by token (<see cref="PatchPlace.Of"/>);
    /// inside a patch: channel, frame, row, column.</param>
    /// <param name="images">The grid of each image.</param>
    /// <exception cref="ArgumentException">The patches are not those of such grids.</exception>
    public VisionFeatures Encode(Tensor patches, IReadOnlyList<PatchGrid> images)
    {
        using var scope = NewDisposeScope();
        using var layout = new VisionLayout(_shape, images, _patchWeight.device);
        Tensor x = Begin(Embed(patches), layout);
        var deepstack = new Tensor[_deepstack.Length];
        for (int block = 0; block < Blocks.Count; block++)
        {
            Tensor next = Blocks[block].Of(x, layout.Rotation, SegmentsOf(block, layout));
            // At once: at the scope's end there would be one of every block.
            x.Dispose();
            x = next;
            for (int map = 0; map < deepstack.Length; map++)
                if (_shape.DeepstackBlocks[map] == block)
                    deepstack[map] = Merge(x, layout, map).MoveToOuterDisposeScope();
        }
        return new VisionFeatures(Merge(x, layout).MoveToOuterDisposeScope(), deepstack);
    }

    /// <summary>The patches' vectors without positions: [N, D].</summary>
    /// <exception cref="ArgumentException">The patches are of another size.</exception>
    public Tensor Embed(Tensor patches)
    {
        using var scope = NewDisposeScope();
        Tensor weight = _patchWeight.flatten(1);
        if (patches.dim() != 2 || patches.shape[1] != weight.shape[1])
            throw new ArgumentException($"Patches of shape [{string.Join(", ", patches.shape)}]; expected [patches, {weight.shape[1]}].", nameof(patches));
        return functional.linear(patches.to(weight.dtype, weight.device), weight, _patchBias).MoveToOuterDisposeScope();
    }

    /// <summary>What goes into the first block: learned positions added, in the order of the windows.</summary>
    /// <exception cref="ArgumentException">There are more or fewer patches than the images have.</exception>
    public Tensor Begin(Tensor embedded, VisionLayout layout)
    {
        using var scope = NewDisposeScope();
        if (embedded.shape[0] != layout.Patches.Length)
            throw new ArgumentException($"There are {embedded.shape[0]} patches; the images have {layout.Patches.Length}.", nameof(embedded));
        Tensor placed = _positions is null ? embedded.alias() : embedded.Plus(_positions.Of(layout.Patches));
        return layout.InWindowOrder(placed).MoveToOuterDisposeScope();
    }

    /// <summary>What the patches of a block attend to.</summary>
    public AttentionSegments SegmentsOf(int block, VisionLayout layout) => layout.Segments(wholeImage: _shape.WholeImageBlocks.Contains(block));

    /// <summary>Tokens of what a block gives, [N, D], in the order of the images.</summary>
    /// <param name="x">[N, D], in the order of the windows.</param>
    /// <param name="layout">Of the images.</param>
    /// <param name="map">For which map of deepstack; null for the last block's.</param>
    public Tensor Merge(Tensor x, VisionLayout layout, int? map = null)
    {
        using var scope = NewDisposeScope();
        VisionMerger merger = map is { } at ? _deepstack[at] : _merger;
        return layout.InImageOrder(merger.Of(x)).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();
}
