using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How one kind of export takes prompts and names what it gives.</summary>
/// <param name="names">Inputs that are prompts; the others come from the encoder.</param>
/// <param name="masks">Output: logits, [..., N, masks, side, side].</param>
/// <param name="quality">Output: the expected overlap of each mask, [..., N, masks].</param>
internal abstract class OnnxDecoderInputs(string[] names, string masks, string quality)
{
    private static readonly OnnxDecoderInputs[] Known = [new SamExporterInputs(), new TransformersInputs()];

    public IReadOnlyList<string> Names => names;

    public string Masks => masks;

    public string Quality => quality;

    /// <summary>The kind of a decoder, by the names of its inputs.</summary>
    /// <exception cref="InvalidDataException">It is of none that is known.</exception>
    public static OnnxDecoderInputs For(InferenceSession decoder, string path) =>
        Array.Find(Known, kind => kind.Names.All(decoder.InputMetadata.ContainsKey) && new[] { kind.Masks, kind.Quality }.All(decoder.OutputMetadata.ContainsKey))
        ?? throw new InvalidDataException(
            $"'{path}' is no mask decoder that is known: it takes {Quoted(decoder.InputMetadata.Keys)} and gives {Quoted(decoder.OutputMetadata.Keys)}. Expected are exports that take {string.Join(", or ", Known.Select(kind => $"{Quoted(kind.Names)} and give {Quoted([kind.Masks, kind.Quality])}"))}.");

    /// <summary>The prompts of a batch, the caller's to dispose.</summary>
    /// <param name="batch">Objects of an image.</param>
    /// <param name="side">Side of the model's image.</param>
    public abstract Dictionary<string, OrtValue> Make(ObjectBatch batch, int side);

    internal static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    protected static OrtValue Value<T>(T[] values, params long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(values, shape);
}

/// <summary>
/// Exports of samexporter (https://github.com/vietanhdev/samexporter, samexporter/export_sam2.py): corners of boxes are points
/// with labels 2 and 3, and an earlier mask is always given, here one that is not to be looked at.
/// </summary>
internal sealed class SamExporterInputs() : OnnxDecoderInputs(["point_coords", "point_labels", "mask_input", "has_mask_input"], "masks", "iou_predictions")
{
    public override Dictionary<string, OrtValue> Make(ObjectBatch batch, int side)
    {
        float[] labels = Array.ConvertAll(batch.Labels(), label => (float)label);
        int n = batch.Objects.Length, maskSide = side / 4;
        return new()
        {
            ["point_coords"] = Value(batch.Coordinates(side), n, labels.Length / n, 2),
            ["point_labels"] = Value(labels, n, labels.Length / n),
            // One row an object, or the decoder takes no more than one.
            ["mask_input"] = Value(new float[n * maskSide * maskSide], n, 1, maskSide, maskSide),
            ["has_mask_input"] = Value(new float[] { 0 }, 1),
        };
    }
}

/// <summary>
/// Exports of transformers' Sam2Model (onnx-community/sam2.1-hiera-*-ONNX on the Hugging Face hub): boxes and points apart.
/// </summary>
internal sealed class TransformersInputs() : OnnxDecoderInputs(["input_points", "input_labels", "input_boxes"], "pred_masks", "iou_scores")
{
    public override Dictionary<string, OrtValue> Make(ObjectBatch batch, int side)
    {
        if (batch.Objects[0].Points.Count == 0)
            throw new ArgumentException("This export of SAM 2 takes boxes only together with points; the prompt has no point.");
        var points = new ObjectBatch(batch.Image, Array.ConvertAll(batch.Objects, prompt => new ObjectPrompt(null, prompt.Points)), batch.Places);
        long[] labels = Array.ConvertAll(points.Labels(), label => (long)label);
        var boxes = new ObjectBatch(batch.Image, [.. batch.Objects.Where(prompt => prompt.Box is not null).Select(prompt => new ObjectPrompt(prompt.Box))], batch.Places);
        int n = batch.Objects.Length, each = labels.Length / n;
        return new()
        {
            ["input_points"] = Value(points.Coordinates(side), 1, n, each, 2),
            ["input_labels"] = Value(labels, 1, n, each),
            ["input_boxes"] = Value(boxes.Coordinates(side), 1, boxes.Objects.Length, 4),
        };
    }
}
