using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Look-to-Confirm's eye: checks a mask against its image and what was asked for. Implement it to confirm with a model of your own.
/// </summary>
public interface IMaskConfirmation : IDisposable
{
    /// <summary>Cells of its confidence maps along each axis, at least 1.</summary>
    int MapSide { get; }

    /// <summary>Checks candidates, each against its own image.</summary>
    /// <param name="prompts">The candidates.</param>
    /// <returns>One confirmation a prompt, in their order.</returns>
    Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts);

    /// <summary>What can be learned, for <see cref="Training.OptimizerOptions.ConfirmationLearningRate"/>; none unless implemented.</summary>
    IEnumerable<Parameter> Parameters() => [];

    /// <summary>How far its judgements are from the truth, with a gradient into <see cref="Parameters"/>; asked only where there are such.</summary>
    /// <param name="prompts">Candidates, at least one.</param>
    /// <param name="truths">The true mask of what was asked for, one a candidate.</param>
    /// <returns>A scalar, to be made small; the caller disposes it.</returns>
    torch.Tensor Loss(IReadOnlyList<ConfirmationPrompt> prompts, IReadOnlyList<SegmentationMask> truths) =>
        throw new NotSupportedException($"{GetType().Name} has nothing to learn.");
}

/// <summary>A candidate to check.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Query">What was asked for, as a sentence.</param>
/// <param name="Box">Box around all objects of the answer, used where the mask is empty; null where it has no objects.</param>
/// <param name="Mask">The candidate mask.</param>
public readonly record struct ConfirmationPrompt(RgbImage Image, string Query, BoundingBox? Box, SegmentationMask Mask);

/// <summary>What a check found.</summary>
/// <param name="Confidence">Estimated IoU of the mask with the object asked for, 0..1.</param>
/// <param name="Map">Where mask and object agree.</param>
public sealed record Confirmation(float Confidence, ConfidenceMap Map);

/// <summary>Agreement of mask and object, cell by cell.</summary>
/// <param name="Side">Cells along each axis.</param>
/// <param name="Values">Row by row, 0 (disagree) to 1 (agree), <paramref name="Side"/> squared of them.</param>
/// <param name="Region">The box, in pixels of the image, whose sides the cells divide equally; it may reach beyond the image, and need not be a square.</param>
public sealed record ConfidenceMap(int Side, float[] Values, BoundingBox Region);
