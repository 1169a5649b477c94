using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Prompts of different lengths as the model reads them, each with its image.</summary>
/// <param name="prompts">What was asked.</param>
/// <param name="rendered">How it reads, one a prompt; the batch's own.</param>
internal sealed class QwenPromptBatch(IReadOnlyList<PolicyPrompt> prompts, QwenPrompt[] rendered) : PromptBatch(prompts)
{
    public IReadOnlyList<QwenPrompt> Rendered => rendered;

    /// <inheritdoc/>
    public override PromptBatch Subset(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new QwenPromptBatch([.. indices.Select(i => Prompts[i])], [.. indices.Select(i => rendered[i].Share())]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (QwenPrompt prompt in rendered) prompt.Dispose();
    }
}
