namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Every tensor that the image path of SAM 2 consists of, by its name in transformers (models/sam2/modeling_sam2.py), with the
/// shape that the model's sizes give it.
/// </summary>
internal sealed class Sam2TensorShapes
{
    private const int PatchSide = 7, MaskChannels = 16, PointKinds = 4;

    private readonly Dictionary<string, long[]> _shapes = [];
    private readonly Sam2Shape _shape;

    private Sam2TensorShapes(Sam2Shape shape) => _shape = shape;

    public static IReadOnlyDictionary<string, long[]> Of(Sam2Shape shape)
    {
        var all = new Sam2TensorShapes(shape);
        all.AddTrunk("vision_encoder.backbone");
        all.AddNeck("vision_encoder.neck");
        all.AddPrompts("prompt_encoder");
        all.AddDecoder("mask_decoder");
        return all._shapes;
    }

    private void AddTrunk(string part)
    {
        Convolution($"{part}.patch_embed.projection", 3, _shape.Width, PatchSide);
        _shapes.Add($"{part}.pos_embed", [1, _shape.Width, _shape.PositionSide, _shape.PositionSide]);
        _shapes.Add($"{part}.pos_embed_window", [1, _shape.Width, _shape.Windows[0], _shape.Windows[0]]);
        int block = 0, from = _shape.Width;
        for (int stage = 0; stage < Sam2Shape.Stages; stage++)
            for (int i = 0; i < _shape.Blocks[stage]; i++)
            {
                int to = _shape.WidthOf(stage);
                AddBlock($"{part}.blocks.{block++}", from, to);
                from = to;
            }
        _shapes.Add("no_memory_embedding", [1, 1, _shape.FeatureWidth]);
    }

    private void AddBlock(string part, int from, int to)
    {
        Norm($"{part}.layer_norm1", from);
        Linear($"{part}.attn.qkv", from, 3 * to);
        Linear($"{part}.attn.proj", to, to);
        Norm($"{part}.layer_norm2", to);
        Linear($"{part}.mlp.proj_in", to, 4 * to);
        Linear($"{part}.mlp.proj_out", 4 * to, to);
        if (from != to)
            Linear($"{part}.proj", from, to);
    }

    private void AddNeck(string part)
    {
        for (int level = 0; level < Sam2Shape.Stages; level++)
            Convolution($"{part}.convs.{level}", _shape.WidthOf(Sam2Shape.Stages - 1 - level), _shape.FeatureWidth, 1);
    }

    private void AddPrompts(string part)
    {
        int width = _shape.FeatureWidth;
        _shapes.Add(Sam2Tensors.Gaussian, [2, width / 2]);
        _shapes.Add(Sam2Tensors.PointEmbedding, [PointKinds, width]);
        _shapes.Add($"{part}.not_a_point_embed.weight", [1, width]);
        _shapes.Add($"{part}.no_mask_embed.weight", [1, width]);
        Convolution($"{part}.mask_embed.conv1", 1, MaskChannels / 4, 2);
        Norm($"{part}.mask_embed.layer_norm1", MaskChannels / 4);
        Convolution($"{part}.mask_embed.conv2", MaskChannels / 4, MaskChannels, 2);
        Norm($"{part}.mask_embed.layer_norm2", MaskChannels);
        Convolution($"{part}.mask_embed.conv3", MaskChannels, width, 1);
    }

    private void AddDecoder(string part)
    {
        int width = _shape.FeatureWidth;
        _shapes.Add($"{part}.obj_score_token.weight", [1, width]);
        _shapes.Add($"{part}.iou_token.weight", [1, width]);
        _shapes.Add($"{part}.mask_tokens.weight", [Sam2Shape.Masks, width]);
        for (int layer = 0; layer < Sam2Shape.DecoderLayers; layer++)
            AddDecoderLayer($"{part}.transformer.layers.{layer}", width);
        Attention($"{part}.transformer.final_attn_token_to_image", width, width / 2);
        Norm($"{part}.transformer.layer_norm_final_attn", width);
        // Transposed convolutions hold the channels that they read first.
        _shapes.Add($"{part}.upscale_conv1.weight", [width, width / 4, 2, 2]);
        _shapes.Add($"{part}.upscale_conv1.bias", [width / 4]);
        Norm($"{part}.upscale_layer_norm", width / 4);
        _shapes.Add($"{part}.upscale_conv2.weight", [width / 4, width / 8, 2, 2]);
        _shapes.Add($"{part}.upscale_conv2.bias", [width / 8]);
        Convolution($"{part}.conv_s0", width, width / 8, 1);
        Convolution($"{part}.conv_s1", width, width / 4, 1);
        for (int mask = 0; mask < Sam2Shape.Masks; mask++)
            Head($"{part}.output_hypernetworks_mlps.{mask}", width, width / 8);
        Head($"{part}.iou_prediction_head", width, Sam2Shape.Masks);
        Head($"{part}.pred_obj_score_head", width, 1);
    }

    private void AddDecoderLayer(string part, int width)
    {
        Attention($"{part}.self_attn", width, width);
        Attention($"{part}.cross_attn_token_to_image", width, width / 2);
        Attention($"{part}.cross_attn_image_to_token", width, width / 2);
        Linear($"{part}.mlp.proj_in", width, _shape.DecoderInner);
        Linear($"{part}.mlp.proj_out", _shape.DecoderInner, width);
        for (int norm = 1; norm <= 4; norm++)
            Norm($"{part}.layer_norm{norm}", width);
    }

    private void Attention(string name, int width, int inner)
    {
        foreach (string projection in new[] { "q_proj", "k_proj", "v_proj" })
            Linear($"{name}.{projection}", width, inner);
        Linear($"{name}.o_proj", inner, width);
    }

    private void Head(string name, int width, int output)
    {
        Linear($"{name}.proj_in", width, width);
        Linear($"{name}.layers.0", width, width);
        Linear($"{name}.proj_out", width, output);
    }

    private void Linear(string name, int from, int to)
    {
        _shapes.Add($"{name}.weight", [to, from]);
        _shapes.Add($"{name}.bias", [to]);
    }

    private void Convolution(string name, int from, int to, int side)
    {
        _shapes.Add($"{name}.weight", [to, from, side, side]);
        _shapes.Add($"{name}.bias", [to]);
    }

    private void Norm(string name, int width)
    {
        _shapes.Add($"{name}.weight", [width]);
        _shapes.Add($"{name}.bias", [width]);
    }
}
