using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>The prompts of a <see cref="CompactPolicy"/> as tensors; owns them.</summary>
internal sealed class CompactPromptBatch : PromptBatch
{
    /// <summary>Takes the tensors over, also from the dispose scope that they were made in.</summary>
    /// <param name="prompts">B prompts.</param>
    /// <param name="images"><see cref="Images"/>.</param>
    /// <param name="queries"><see cref="Queries"/>.</param>
    public CompactPromptBatch(IReadOnlyList<PolicyPrompt> prompts, Tensor images, Tensor queries) : base(prompts)
    {
        Images = images.DetachFromDisposeScope();
        Queries = queries.DetachFromDisposeScope();
    }

    /// <summary>[B, 4, S, S]: red, green, blue in 0..1 and the provisional mask's coverage.</summary>
    public Tensor Images { get; }

    /// <summary>[B, K] of Int64.</summary>
    public Tensor Queries { get; }

    /// <inheritdoc/>
    public override PromptBatch Subset(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        using var scope = NewDisposeScope();
        Tensor rows = tensor([.. indices.Select(index => (long)index)], [indices.Count]).to(Images.device);
        return new CompactPromptBatch([.. indices.Select(index => Prompts[index])], Images.index_select(0, rows), Queries.index_select(0, rows));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Images.Dispose();
        Queries.Dispose();
    }
}
