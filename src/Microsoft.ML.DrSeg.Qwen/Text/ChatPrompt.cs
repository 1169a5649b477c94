namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// A conversation of one image and one question as Qwen's chat template writes it, up to where the answer begins
/// (tokenizer_config.json's <c>chat_template</c>). Nothing is ever cut: who has less room must refuse the prompt by its length.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="family">Its family: the Instruct models of Qwen3-VL have no system turn unless one is given.</param>
internal sealed class ChatPrompt(QwenTokenizer tokenizer, QwenFamily family)
{
    private const string UsualSystem = "You are a helpful assistant.";

    private readonly int[] _beforeImage = tokenizer.Encode(
        $"{(family == QwenFamily.Qwen3 ? "" : $"<|im_start|>system\n{UsualSystem}<|im_end|>\n")}<|im_start|>user\n<|vision_start|>");
    private readonly int[] _afterQuestion = tokenizer.Encode("<|im_end|>\n<|im_start|>assistant\n");
    private readonly int _imageToken = tokenizer.Id("<|image_pad|>"), _visionEnd = tokenizer.Id("<|vision_end|>"), _turnEnd = tokenizer.Id("<|im_end|>");

    /// <summary>The id that ends an answer.</summary>
    public int AnswerEnd => _turnEnd;

    /// <summary>The prompt's ids; its length is theirs.</summary>
    /// <param name="imageTokens">Tokens of the image, at least 1: see <see cref="PatchGrid.Merged"/>.</param>
    /// <param name="question">What follows the image.</param>
    /// <exception cref="ArgumentException">The question is no text.</exception>
    public int[] Encode(int imageTokens, IEnumerable<TextPart> question)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageTokens);
        return [.. _beforeImage, .. Enumerable.Repeat(_imageToken, imageTokens), _visionEnd, .. tokenizer.Encode(question), .. _afterQuestion];
    }
}
