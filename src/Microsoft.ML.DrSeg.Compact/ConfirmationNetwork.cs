using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
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

    private readonly bool attendToImage;
    private readonly VisionTower vision;
    private readonly Parameter imagePositions;
    private readonly Embedding queryEmbedding;
    private readonly QueryModulation modulation;
    private readonly Conv2d maskPatches;
    private readonly Parameter maskPositions;
    private readonly ModuleList<CrossAttentionBlock> blocks;
    private readonly LayerNorm finalNorm;
    private readonly Linear mapHead;
    private readonly Linear confidenceHead;

    // The device of every network and layer is where it makes its weights (TorchDevice.OfFreshWeights).
    public ConfirmationNetwork(CompactConfirmationShape shape, Device device) : base(nameof(ConfirmationNetwork))
    {
        int side = shape.CropSize / VisionTower.Stride;
        attendToImage = shape.AttendToImage;
        vision = new VisionTower(channels: 4, shape.Width, device);
        imagePositions = new Parameter(randn(side * side, shape.Width, device: device) * EmbeddingSpread);
        queryEmbedding = TokenEmbedding.Create(shape.QueryTokens, shape.Width, device);
        modulation = new QueryModulation(shape.Width, device);
        maskPatches = Conv2d(1, shape.Width, VisionTower.Stride, VisionTower.Stride, device: device);
        maskPositions = new Parameter(randn(side * side, shape.Width, device: device) * EmbeddingSpread);
        blocks = new ModuleList<CrossAttentionBlock>([.. Enumerable.Range(0, Blocks).Select(_ => new CrossAttentionBlock(shape.Width, shape.Heads, device))]);
        finalNorm = LayerNorm(shape.Width, device: device);
        mapHead = Linear(shape.Width, 1, device: device);
        confidenceHead = Linear(shape.Width, 1, device: device);
        init.normal_(queryEmbedding.weight!, 0, EmbeddingSpread);
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
        Tensor words = queryEmbedding.call(queries);                                                // [B, K, D]
        Tensor memory = attendToImage ? cat([modulation.call(vision.call(images), words).Plus(imagePositions), words], 1) : words;
        Tensor x = maskPatches.call(masks.Times(2).Plus(-1)).flatten(2).transpose(1, 2).Plus(maskPositions);    // [B, P, D]
        foreach (CrossAttentionBlock block in blocks)
            x = block.call(x, memory);
        x = finalNorm.call(x);
        return (confidenceHead.call(x.mean([1])).squeeze(-1), mapHead.call(x).squeeze(-1));
    }

    private sealed class CrossAttentionBlock : nn.Module<Tensor, Tensor, Tensor>
    {
        private const int FeedForwardFactor = 2;

        private readonly int heads;
        private readonly LayerNorm askingNorm;
        private readonly LayerNorm memoryNorm;
        private readonly Linear query;
        private readonly Linear keyValue;
        private readonly Linear projection;
        private readonly LayerNorm feedForwardNorm;
        private readonly Linear expand;
        private readonly Linear contract;

        public CrossAttentionBlock(int width, int heads, Device device) : base(nameof(CrossAttentionBlock))
        {
            this.heads = heads;
            askingNorm = LayerNorm(width, device: device);
            memoryNorm = LayerNorm(width, device: device);
            query = Linear(width, width, device: device);
            keyValue = Linear(width, 2 * width, device: device);
            projection = Linear(width, width, device: device);
            feedForwardNorm = LayerNorm(width, device: device);
            expand = Linear(width, FeedForwardFactor * width, device: device);
            contract = Linear(FeedForwardFactor * width, width, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor memory)
        {
            long b = x.shape[0], p = x.shape[1], width = x.shape[2];
            Tensor asking = askingNorm.call(x);
            Tensor seen = cat([memoryNorm.call(memory), asking], 1);                                // [B, M, D]
            Tensor q = query.call(asking).view(b, p, heads, -1).transpose(1, 2);                    // [B, H, P, d]
            Tensor kv = keyValue.call(seen).view(b, seen.shape[1], 2, heads, -1).permute(2, 0, 3, 1, 4);
            Tensor mixed = functional.scaled_dot_product_attention(q, kv.select(0, 0), kv.select(0, 1)).transpose(1, 2).reshape(b, p, width);
            x = x.Plus(projection.call(mixed));
            return x.Plus(contract.call(functional.silu(expand.call(feedForwardNorm.call(x)))));
        }
    }
}
