namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// Models with the inputs and outputs of SAM 2's common exports, over images of 8 x 8 and masks of 2 x 2, that compute what can be
/// followed by hand. With s the sum of label times (x + y) over an object's points, plus that of all boxes' numbers in transformers'
/// export: mask k has the logits (mean of channel k over a quarter of the image) - (mean of the whole image) + Slope_k s, and the
/// quality (s - Turn) (k - 1): the last mask is the best where s is large, the first where it is small.
/// </summary>
internal static class OnnxExports
{
    public const int Side = 8;
    public const float Turn = 40;
    public static readonly float[] Slopes = [.01f, 0, -.01f];

    public static void SaveSamExporter(string encoder, string decoder, bool single = false)
    {
        Encoder("image", "high_res_feats_0", "high_res_feats_1", "image_embed").Save(encoder);
        OnnxModel model = Decoder(new OnnxModel()
            .Input("point_coords", OnnxModel.Float, "n", "p", 2).Input("point_labels", OnnxModel.Float, "n", "p")
            .Input("mask_input", OnnxModel.Float, "n", 1, 2, 2).Input("has_mask_input", OnnxModel.Float, 1)
            .Node("Unsqueeze", ["point_labels"], "factors", ("axes", [2]))
            .Node("Mul", ["point_coords", "factors"], "products")
            .Node("ReduceSum", ["products"], "sums", ("axes", [1, 2]), ("keepdims", [0]))
            .Node("Unsqueeze", ["sums"], "objects", ("axes", [1]))
            // An earlier mask counts where it is said to.
            .Node("Mul", ["mask_input", "has_mask_input"], "earlier"), "high_res_feats_0", "high_res_feats_1", "image_embed")
            .Node("Unsqueeze", ["objects"], "o1", ("axes", [2])).Node("Unsqueeze", ["o1"], "o2", ("axes", [3]))
            .Node("Mul", ["o2", "slopes"], "sloped").Node("Add", ["sloped", "map"], "logits").Node("Add", ["logits", "earlier"], single ? "three" : "masks");
        if (single)
            model.Node("ReduceMax", ["three"], "masks", ("axes", [1]), ("keepdims", [1]));
        Quality(model, "iou_predictions").Output("masks", OnnxModel.Float, "n", "k", 2, 2).Output("iou_predictions", OnnxModel.Float, "n", "q").Save(decoder);
    }

    public static void SaveTransformers(string encoder, string decoder)
    {
        Encoder("pixel_values", "image_embeddings.0", "image_embeddings.1", "image_embeddings.2").Save(encoder);
        Quality(Decoder(new OnnxModel()
            .Input("input_points", OnnxModel.Float, 1, "n", "p", 2).Input("input_labels", OnnxModel.Int64, 1, "n", "p").Input("input_boxes", OnnxModel.Float, 1, "m", 4)
            .Node("Cast", ["input_labels"], "labels", ("to", [OnnxModel.Float])).Node("Unsqueeze", ["labels"], "factors", ("axes", [3]))
            .Node("Mul", ["input_points", "factors"], "products")
            .Node("ReduceSum", ["products"], "sums", ("axes", [2, 3]), ("keepdims", [0]))
            .Node("ReduceSum", ["input_boxes"], "boxes", ("axes", [1, 2]), ("keepdims", [0]))
            .Node("Add", ["sums", "boxes"], "all").Node("Unsqueeze", ["all"], "objects", ("axes", [2])), "image_embeddings.0", "image_embeddings.1", "image_embeddings.2")
            .Node("Unsqueeze", ["objects"], "o1", ("axes", [3])).Node("Unsqueeze", ["o1"], "o2", ("axes", [4]))
            .Node("Mul", ["o2", "slopes"], "sloped").Node("Add", ["sloped", "map"], "pred_masks"), "iou_scores")
            .Output("iou_scores", OnnxModel.Float, 1, "n", 3).Output("pred_masks", OnnxModel.Float, 1, "n", 3, 2, 2).Save(decoder);
    }

    // The finest map is the image, the next its double, the coarsest means of its quarters.
    private static OnnxModel Encoder(string image, string fine, string middle, string coarse) => new OnnxModel()
        .Input(image, OnnxModel.Float, 1, 3, Side, Side)
        .Node("Identity", [image], fine).Node("Add", [image, image], middle)
        .Node("AveragePool", [image], coarse, ("kernel_shape", [4, 4]), ("strides", [4, 4]))
        .Output(fine, OnnxModel.Float, 1, 3, Side, Side).Output(middle, OnnxModel.Float, 1, 3, Side, Side).Output(coarse, OnnxModel.Float, 1, 3, 2, 2);

    private static OnnxModel Decoder(OnnxModel model, string fine, string middle, string coarse) => model
        .Input(fine, OnnxModel.Float, 1, 3, Side, Side).Input(middle, OnnxModel.Float, 1, 3, Side, Side).Input(coarse, OnnxModel.Float, 1, 3, 2, 2)
        .Constant("slopes", [3, 1, 1], Slopes)
        .Node("Sub", [fine, middle], "negative").Node("ReduceMean", ["negative"], "mean", ("axes", [0, 1, 2, 3]), ("keepdims", [1]))
        .Node("Add", [coarse, "mean"], "map");

    private static OnnxModel Quality(OnnxModel model, string output) => model
        .Constant("turn", [1], Turn).Constant("order", [3], -1, 0, 1)
        .Node("Sub", ["objects", "turn"], "turned").Node("Mul", ["turned", "order"], output);
}
