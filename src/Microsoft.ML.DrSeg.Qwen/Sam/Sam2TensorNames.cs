using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The two layouts of SAM 2's tensor names brought to one, that of transformers (models/sam2/convert_sam2_to_hf.py); the other is
/// facebook's (sam2/modeling). What only videos need is left out.
/// </summary>
internal static partial class Sam2TensorNames
{
    public const string Gaussian = "prompt_encoder.shared_embedding.positional_embedding";
    public const string PointEmbedding = "prompt_encoder.point_embed.weight";

    private static readonly string[] VideoOnly =
    [
        "memory_attention.", "memory_encoder.", "mask_downsample.", "obj_ptr_", "object_pointer_proj.", "maskmem_tpos_enc",
        "no_mem_pos_enc", "no_obj_ptr", "no_obj_embed_spatial", "memory_temporal_positional_encoding", "no_memory_positional_encoding",
        "no_object_pointer", "occlusion_spatial_embedding_parameter", "temporal_positional_encoding_projection_layer.",
    ];

    // In this order: later lines see what earlier ones made. Three-layer heads shift their numbers, two-layer ones do not.
    private static readonly (string Found, string Becomes)[] Facebook =
    [
        (@"^image_encoder\.trunk\.", "vision_encoder.backbone."),
        (@"^image_encoder\.neck\.(convs\.\d+)\.conv\.", "vision_encoder.neck.$1."),
        (@"^sam_prompt_encoder\.", "prompt_encoder."),
        (@"^sam_mask_decoder\.", "mask_decoder."),
        (@"^no_mem_embed$", "no_memory_embedding"),
        (@"\.patch_embed\.proj\.", ".patch_embed.projection."),
        (@"\.norm(\d|_final_attn)\.", ".layer_norm$1."),
        (@"\.mlp\.layers\.0\.", ".mlp.proj_in."),
        (@"\.mlp\.layers\.1\.", ".mlp.proj_out."),
        (@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.0\.", ".$1.proj_in."),
        (@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.1\.", ".$1.layers.0."),
        (@"\.(output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.layers\.2\.", ".$1.proj_out."),
        (@"\.out_proj\.", ".o_proj."),
        (@"\.pe_layer\.positional_encoding_gaussian_matrix$", ".shared_embedding.positional_embedding"),
        (@"\.mask_downscaling\.0\.", ".mask_embed.conv1."),
        (@"\.mask_downscaling\.1\.", ".mask_embed.layer_norm1."),
        (@"\.mask_downscaling\.3\.", ".mask_embed.conv2."),
        (@"\.mask_downscaling\.4\.", ".mask_embed.layer_norm2."),
        (@"\.mask_downscaling\.6\.", ".mask_embed.conv3."),
        (@"\.output_upscaling\.0\.", ".upscale_conv1."),
        (@"\.output_upscaling\.1\.", ".upscale_layer_norm."),
        (@"\.output_upscaling\.3\.", ".upscale_conv2."),
    ];

    /// <summary>Finds the tensors of the image path among those of a checkpoint.</summary>
    /// <param name="stored">Names in either layout.</param>
    /// <returns>
    /// By the names of transformers, the stored names whose rows follow each other in the tensor: one, but for the four
    /// embeddings of points in facebook's layout.
    /// </returns>
    public static Dictionary<string, string[]> Find(IEnumerable<string> stored)
    {
        string[] names = [.. stored.Where(name => !VideoOnly.Any(start => name.StartsWith(start, StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
        bool isFacebook = Array.Exists(names, name => name.StartsWith("image_encoder.", StringComparison.Ordinal));
        // The matrix of positions stands twice in the layout of transformers, and either may be the only one.
        return names.GroupBy(name => isFacebook ? FromFacebook(name) : FromTransformers(name))
            .ToDictionary(same => same.Key, same => same.Key == Gaussian ? [same.First()] : same.ToArray());
    }

    private static string FromTransformers(string name) => name == "shared_image_embedding.positional_embedding" ? Gaussian : name;

    private static string FromFacebook(string name) => PointRow().IsMatch(name)
        ? PointEmbedding
        : Facebook.Aggregate(name, (current, line) => Regex.Replace(current, line.Found, line.Becomes));

    [GeneratedRegex(@"^sam_prompt_encoder\.point_embeddings\.[0-3]\.weight$")]
    private static partial Regex PointRow();
}
