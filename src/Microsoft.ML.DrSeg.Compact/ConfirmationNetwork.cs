using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Cross-attention of mask and image. Patches of the mask ask; patches of the image, the query's words and the
/// mask's own patches answer. Every mask patch ends as one cell of the confidence map, their mean as the confidence.
/// Letters: B candidates, S side of the crop, P = (S/8)^2 patches, K query tokens, D width.
/// </summary>
internal sealed class ConfirmationNetwork : nn.Module
{
    private const int Blocks = 3;
    private const double EmbeddingSpread = 0.5;

    private readonly bool _attendToImage;
    [ComponentName(Name = "vision")] private readonly VisionTower _vision;
    [ComponentName(Name = "imagePositions")] private readonly Parameter _imagePositions;
    [ComponentName(Name = "queryEmbedding")] private readonly Embedding _queryEmbedding;
    [ComponentName(Name = "modulation")] private readonly QueryModulation _modulation;
    [ComponentName(Name = "maskPatches")] private readonly Conv2d _maskPatches;
    [ComponentName(Name = "maskPositions")] private readonly Parameter _maskPositions;
    [ComponentName(Name = "blocks")] private readonly ModuleList<CrossAttentionBlock> _blocks;
    [ComponentName(Name = "finalNorm")] private readonly LayerNorm _finalNorm;
    [ComponentName(Name = "mapHead")] private readonly Linear _mapHead;
    [ComponentName(Name = "confidenceHead")] private readonly Linear _confidenceHead;

    // The device of every network and layer is where it makes its weights (TorchDevice.OfFreshWeights).
    public ConfirmationNetwork(CompactConfirmationShape shape, Device device) : base(nameof(ConfirmationNetwork))
    {
        int side = shape.CropSize / VisionTower.Stride;
        _attendToImage = shape.AttendToImage;
        _vision = new VisionTower(channels: 4, shape.Width, device);
        _imagePositions = new Parameter(randn(side * side, shape.Width, device: device) * EmbeddingSpread);
        _queryEmbedding = TokenEmbedding.Create(shape.QueryTokens, shape.Width, device);
        _modulation = new QueryModulation(shape.Width, device);
        _maskPatches = Conv2d(1, shape.Width, VisionTower.Stride, VisionTower.Stride, device: device);
        _maskPositions = new Parameter(randn(side * side, shape.Width, device: device) * EmbeddingSpread);
        _blocks = new ModuleList<CrossAttentionBlock>([.. Enumerable.Range(0, Blocks).Select(_ => new CrossAttentionBlock(shape.Width, shape.Heads, device))]);
        _finalNorm = LayerNorm(shape.Width, device: device);
        _mapHead = Linear(shape.Width, 1, device: device);
        _confidenceHead = Linear(shape.Width, 1, device: device);
        init.normal_(_queryEmbedding.weight!, 0, EmbeddingSpread);
        RegisterComponents();
    }

    /// <summary>Takes over what the policy has learned to see.</summary>
    public void SeeLike(PolicyNetwork policy)
    {
        foreach ((string name, nn.Module module) in policy.Eyes)
            named_children().Single(own => own.name == name).module.load_state_dict(module.state_dict());
    }

    /// <summary>Scores candidates.</summary>
    /// <param name="images">[B, 4, S, S]: red, green, blue and the mask's coverage, all 0..1.</param>
    /// <param name="queries">[B, K] of Int64.</param>
    /// <returns>Logits of the confidence [B] and of the confidence map [B, P].</returns>
    public (Tensor Confidence, Tensor Map) Score(Tensor images, Tensor queries)
    {
        Tensor masks = images.narrow(1, 3, 1);
        Tensor words = _queryEmbedding.call(queries);                                                // [B, K, D]
        Tensor memory = _attendToImage ? cat([_modulation.call(_vision.call(images), words).Plus(_imagePositions), words], 1) : words;
        Tensor x = _maskPatches.call(masks.Times(2).Plus(-1)).flatten(2).transpose(1, 2).Plus(_maskPositions);    // [B, P, D]
        foreach (CrossAttentionBlock block in _blocks)
            x = block.call(x, memory);
        x = _finalNorm.call(x);
        return (_confidenceHead.call(x.mean([1])).squeeze(-1), _mapHead.call(x).squeeze(-1));
    }

    private sealed class CrossAttentionBlock : nn.Module<Tensor, Tensor, Tensor>
    {
        private const int FeedForwardFactor = 2;

        private readonly int _heads;
        [ComponentName(Name = "askingNorm")] private readonly LayerNorm _askingNorm;
        [ComponentName(Name = "memoryNorm")] private readonly LayerNorm _memoryNorm;
        [ComponentName(Name = "query")] private readonly Linear _query;
        [ComponentName(Name = "keyValue")] private readonly Linear _keyValue;
        [ComponentName(Name = "projection")] private readonly Linear _projection;
        [ComponentName(Name = "feedForwardNorm")] private readonly LayerNorm _feedForwardNorm;
        [ComponentName(Name = "expand")] private readonly Linear _expand;
        [ComponentName(Name = "contract")] private readonly Linear _contract;

        public CrossAttentionBlock(int width, int heads, Device device) : base(nameof(CrossAttentionBlock))
        {
            _heads = heads;
            _askingNorm = LayerNorm(width, device: device);
            _memoryNorm = LayerNorm(width, device: device);
            _query = Linear(width, width, device: device);
            _keyValue = Linear(width, 2 * width, device: device);
            _projection = Linear(width, width, device: device);
            _feedForwardNorm = LayerNorm(width, device: device);
            _expand = Linear(width, FeedForwardFactor * width, device: device);
            _contract = Linear(FeedForwardFactor * width, width, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor memory)
        {
            long b = x.shape[0], p = x.shape[1], width = x.shape[2];
            Tensor asking = _askingNorm.call(x);
            Tensor seen = cat([_memoryNorm.call(memory), asking], 1);                                // [B, M, D]
            Tensor q = _query.call(asking).view(b, p, _heads, -1).transpose(1, 2);                    // [B, H, P, d]
            Tensor kv = _keyValue.call(seen).view(b, seen.shape[1], 2, _heads, -1).permute(2, 0, 3, 1, 4);
            Tensor mixed = functional.scaled_dot_product_attention(q, kv.select(0, 0), kv.select(0, 1)).transpose(1, 2).reshape(b, p, width);
            x = x.Plus(_projection.call(mixed));
            return x.Plus(_contract.call(functional.silu(_expand.call(_feedForwardNorm.call(x)))));
        }
    }
}
