namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// One prompt as the model reads it, and how the answers to it are to be understood. Batches that share it dispose it once each.
/// </summary>
/// <param name="text">Ids and positions; the prompt's own.</param>
/// <param name="features">What the vision tower made of the image; the prompt's own.</param>
/// <param name="shown">The image.</param>
/// <param name="frame">Where coordinates lie in it.</param>
internal sealed class QwenPrompt(TextPrompt text, VisionFeatures features, ShownImage shown, AnswerFrame frame) : IDisposable
{
    private int _users = 1;

    public TextPrompt Text => text;

    public ShownImage Shown => shown;

    public AnswerFrame Frame => frame;

    /// <summary>The same for another batch.</summary>
    public QwenPrompt Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        text.Dispose();
        features.Dispose();
    }
}
