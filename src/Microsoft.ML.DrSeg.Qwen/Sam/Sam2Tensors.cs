using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The weights of SAM 2's image path under the names of transformers (models/sam2/convert_sam2_to_hf.py), whichever the file has:
/// these, or facebook's (sam2/modeling). What only videos need is left out.
/// </summary>
internal sealed partial class Sam2Tensors : ITensorSource
{
    public const string Gaussian = "prompt_encoder.shared_embedding.positional_embedding";
    public const string PointEmbedding = "prompt_encoder.point_embed.weight";

    private readonly ITensorSource _stored;

    // More than one where several are rows of one tensor.
    private readonly Dictionary<string, string[]> _storedNames = [];

    private static readonly string[] VideoOnly =
    [
        "memory_attention.", "memory_encoder.", "mask_downsample.", "obj_ptr_", "object_pointer_proj.", "maskmem_tpos_enc",
        "no_mem_pos_enc", "no_obj_ptr", "no_obj_embed_spatial", "memory_temporal_positional_encoding", "no_memory_positional_encoding",
        "no_object_pointer", "occlusion_spatial_embedding_parameter", "temporal_positional_encoding_projection_layer.",
    ];

    // In this order: later lines see what earlier ones made. Three-layer heads shift their numbers, two-layer ones do not.
    private static readonly (Regex Found, string Becomes)[] Facebook =
    [
        (new(@"^image_encoder\.trunk\."), "vision_encoder.backbone."),
        (new(@"^image_encoder\.neck\.(convs\.\d+)\.conv\."), "vision_encoder.neck.$1."),
        (new(@"^sam_prompt_encoder\."), "prompt_encoder."),
        (new(@"^sam_mask_decoder\."), "mask_decoder."),
        (new(@"^no_mem_embed$"), "no_memory_embedding"),
        (new(@"\.patch_embed\.proj\."), ".patch_embed.projection."),
        (new(@"\.norm(\d|_final_attn)\."), ".layer_norm$1."),
        (new(@"\.mlp\.layers\.0\."), ".mlp.proj_in."),
        (new(@"\.mlp\.layers\.1\."), ".mlp.proj_out."),
        (new(@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.0\."), ".$1.proj_in."),
        (new(@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.1\."), ".$1.layers.0."),
        (new(@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.2\."), ".$1.proj_out."),
        (new(@"\.out_proj\."), ".o_proj."),
        (new(@"\.pe_layer\.positional_encoding_gaussian_matrix$"), ".shared_embedding.positional_embedding"),
        (new(@"\.mask_downscaling\.0\."), ".mask_embed.conv1."),
        (new(@"\.mask_downscaling\.1\."), ".mask_embed.layer_norm1."),
        (new(@"\.mask_downscaling\.3\."), ".mask_embed.conv2."),
        (new(@"\.mask_downscaling\.4\."), ".mask_embed.layer_norm2."),
        (new(@"\.mask_downscaling\.6\."), ".mask_embed.conv3."),
        (new(@"\.output_upscaling\.0\."), ".upscale_conv1."),
        (new(@"\.output_upscaling\.1\."), ".upscale_layer_norm."),
        (new(@"\.output_upscaling\.3\."), ".upscale_conv2."),
    ];

    /// <exception cref="InvalidDataException">Two tensors are of one name but for the layout.</exception>
    public Sam2Tensors(ITensorSource stored)
    {
        _stored = stored;
        string[] names = [.. stored.Shapes.Keys.Where(name => !VideoOnly.Any(start => name.StartsWith(start, StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
        bool isFacebook = Array.Exists(names, name => name.StartsWith("image_encoder.", StringComparison.Ordinal));
        foreach (var same in names.GroupBy(name => isFacebook ? FromFacebook(name) : name))
            _storedNames.Add(same.Key, [.. same]);
        // The matrix of positions stands twice in the layout of transformers, and either may be the only one.
        if (_storedNames.Remove("shared_image_embedding.positional_embedding", out string[]? shared))
            _storedNames[Gaussian] = shared;
        if (_storedNames.FirstOrDefault(tensor => tensor.Value.Length > 1 && tensor.Key != PointEmbedding) is { Value: { } several })
            throw new InvalidDataException($"'{Source}' holds both '{several[0]}' and '{several[1]}', which are the same tensor.");
        Shapes = _storedNames.ToDictionary(tensor => tensor.Key, tensor => ShapeOf(tensor.Value));
    }

    public string Source => _stored.Source;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name, ScalarType? type, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor[] rows = [.. _storedNames[name].Select(stored => _stored.Read(stored, type, device))];
        return (rows.Length == 1 ? rows[0] : cat(rows, 0)).MoveToOuterDisposeScope();
    }

    // The four embeddings of points are rows of one tensor in transformers. A shape of zeros where they are no such rows.
    private long[] ShapeOf(string[] stored) => stored.Length == 1 ? _stored.Shapes[stored[0]]
        : Array.TrueForAll(stored, name => _stored.Shapes[name] is [1, var width] && width == _stored.Shapes[stored[0]][^1]) ? [stored.Length, _stored.Shapes[stored[0]][^1]]
        : [0];

    private static string FromFacebook(string name) => PointRow().IsMatch(name)
        ? PointEmbedding
        : Facebook.Aggregate(name, (current, line) => line.Found.Replace(current, line.Becomes));

    [GeneratedRegex(@"^sam_prompt_encoder\.point_embeddings\.[0-3]\.weight$")]
    private static partial Regex PointRow();
}
