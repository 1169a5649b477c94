namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>All of a model's folder but its weights: sizes, tokenizer, and how images are prepared. Read in a moment.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Identity">Tells it from others: <see cref="BaseIdentity"/>.</param>
/// <param name="Shape">Sizes of the model.</param>
/// <param name="Tokenizer">Text to ids and back.</param>
/// <param name="Processing">How images are prepared.</param>
internal sealed record QwenFolder(string Path, string Identity, QwenShape Shape, QwenTokenizer Tokenizer, ImageProcessing Processing)
{
    /// <summary>Ids that no answer holds: those of images and videos, and rows of the embedding that stand for nothing.</summary>
    public IEnumerable<int> Excluded =>
        new[] { Shape.ImageToken, Shape.VideoToken, Shape.VisionStart, Shape.VisionEnd }
            .Concat(Enumerable.Range(Tokenizer.Count, Math.Max(0, Shape.Text.VocabularySize - Tokenizer.Count))).Distinct();

    /// <summary>Reads a folder in Hugging Face's layout.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, or two do not belong together.</exception>
    public static QwenFolder Open(BaseLocation location)
    {
        string path = location.Path;
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"There is no folder '{path}'. Give the folder of a Qwen2-VL, Qwen2.5-VL or Qwen3-VL model in Hugging Face's layout.");
        using var weights = SafetensorsFolder.Open(path);
        QwenShape shape = QwenConfig.Read(path, weights);
        var tokenizer = QwenTokenizer.Load(path);
        if (tokenizer.Count > shape.Text.VocabularySize)
            throw new InvalidDataException($"The tokenizer in '{path}' has {tokenizer.Count} tokens, the model an embedding of {shape.Text.VocabularySize}: they are of different models. Fetch the folder again.");
        var processing = ImageProcessing.Read(path);
        return processing.PatchSize == shape.Vision.PatchSize && processing.MergeSize == shape.Vision.MergeSize && processing.TemporalPatchSize == shape.Vision.TemporalPatchSize
            ? new QwenFolder(System.IO.Path.GetFullPath(path), location.Identity(), shape, tokenizer, processing)
            : throw new InvalidDataException($"'{path}' prepares images in patches of {processing.PatchSize} pixels, {processing.MergeSize} x {processing.MergeSize} a token; its vision tower takes {shape.Vision.PatchSize} and {shape.Vision.MergeSize}. Fetch the folder again.");
    }
}
