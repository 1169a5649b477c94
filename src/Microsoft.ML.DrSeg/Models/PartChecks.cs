using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Asks policies, segmenters and confirmations, which anyone may bring, and checks that what they give is as much, and of the shape, as was asked
/// for: otherwise a mistake in them would show later, somewhere else, or never.
/// </summary>
internal static class PartChecks
{
    private const string Generate = $"{nameof(IVisionLanguagePolicy)}.{nameof(IVisionLanguagePolicy.Generate)} gives every prompt as many answers as it is asked for.";
    private const string Confirm = $"{nameof(IMaskConfirmation)}.{nameof(IMaskConfirmation.Confirm)} gives one confirmation a prompt.";
    private const string Segment = $"{nameof(IPromptableSegmenter)}.{nameof(IPromptableSegmenter.Segment)} gives one mask a prompt, of its image's size.";

    public static GeneratedAnswer[][] GenerateChecked(this IVisionLanguagePolicy policy, PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
    {
        GeneratedAnswer[][]? answers = policy.Generate(prompts, answersPerPrompt, sampling);
        if (answers is null || answers.Length != prompts.Prompts.Count)
            throw new InvalidOperationException($"The policy answered {answers?.Length ?? 0} of {prompts.Prompts.Count} prompts. {Generate}");
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i]?.Length != answersPerPrompt)
                throw new InvalidOperationException($"The policy gave {answers[i]?.Length ?? 0} answers to prompt {i} of the batch, not {answersPerPrompt}. {Generate}");
            for (int j = 0; j < answersPerPrompt; j++)
                Check(answers[i][j], policy, j, i);
        }
        return [.. answers.Zip(prompts.Prompts, (own, prompt) => Array.ConvertAll(own, answer => Inside(answer, prompt.View.Image)))];
    }

    // A view is square and may reach beyond its image, and so may what is answered in it.
    private static GeneratedAnswer Inside(GeneratedAnswer answer, RgbImage image) => answer.Parsed is TextAnswer said && said.Objects.Any(one => one.Clamp(image.Width, image.Height) != one)
        ? answer with { Parsed = said with { Objects = [.. said.Objects.Select(one => one.Clamp(image.Width, image.Height))] } }
        : answer;

    private static void Check(GeneratedAnswer? answer, IVisionLanguagePolicy policy, int place, int prompt)
    {
        string which = $"The policy's answer {place} to prompt {prompt} of the batch";
        if (answer is null)
            throw new InvalidOperationException($"{which} is null. What cannot be read is a {nameof(GeneratedAnswer)} too.");
        if (answer.Parsed is null)
            throw new InvalidOperationException($"{which} says nothing: its {nameof(GeneratedAnswer.Parsed)} is null. What cannot be read is a {nameof(FailedAnswer)}.");
        if (answer.Tokens.Length < 1 || answer.Tokens.Length > policy.LongestAnswer)
            throw new InvalidOperationException($"{which} has {answer.Tokens.Length} tokens; its {nameof(IVisionLanguagePolicy.LongestAnswer)} allows 1 to {policy.LongestAnswer}.");
        if (answer.LogProbabilities.Length != answer.Tokens.Length)
            throw new InvalidOperationException($"{which} has {answer.Tokens.Length} tokens and {answer.LogProbabilities.Length} log-probabilities; every token has one.");
        if (Array.FindIndex(answer.LogProbabilities, number => !float.IsFinite(number)) is >= 0 and var at)
            throw new NonFiniteScoreException(answer.Tokens[at], answer.LogProbabilities[at]);
    }

    /// <summary><see cref="IMaskConfirmation.Confirm"/>, checked; not asked where there is nothing to confirm.</summary>
    public static Confirmation[] ConfirmChecked(this IMaskConfirmation confirmation, IReadOnlyList<ConfirmationPrompt> prompts)
    {
        if (prompts.Count == 0)
            return [];
        if (confirmation.MapSide < 1)
            throw new InvalidOperationException($"{nameof(IMaskConfirmation)}.{nameof(IMaskConfirmation.MapSide)} is {confirmation.MapSide}; a confidence map has at least one cell along each axis.");
        Confirmation[]? found = confirmation.Confirm(prompts);
        if (found is null || found.Length != prompts.Count)
            throw new InvalidOperationException($"{found?.Length ?? 0} of {prompts.Count} candidates were confirmed. {Confirm}");
        int cells = confirmation.MapSide * confirmation.MapSide;
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } one)
                throw new InvalidOperationException($"The confirmation of candidate {i} of the batch is null. {Confirm}");
            if (!(one.Confidence is >= 0 and <= 1))
                throw new InvalidOperationException($"The confidence of candidate {i} of the batch is {one.Confidence}; it estimates an IoU, 0 to 1.");
            if (one.Map?.Values is not { } values)
                throw new InvalidOperationException($"The confirmation of candidate {i} of the batch has no map. {Confirm}");
            if (one.Map.Side != confirmation.MapSide || values.Length != cells)
                throw new InvalidOperationException($"The confidence map of candidate {i} of the batch has {values.Length} cells and the side {one.Map.Side}; {nameof(IMaskConfirmation.MapSide)} promises {confirmation.MapSide} x {confirmation.MapSide}.");
            if (Array.FindIndex(values, value => !(value is >= 0 and <= 1)) is >= 0 and var cell)
                throw new InvalidOperationException($"Cell {cell} of the confidence map of candidate {i} of the batch is {values[cell]}; it says where mask and object agree, 0 to 1.");
        }
        return found;
    }

    /// <summary><see cref="IPromptableSegmenter.Segment"/>, checked; not asked where there is nothing to segment.</summary>
    public static SegmentationMask[] SegmentChecked(this IPromptableSegmenter segmenter, IReadOnlyList<SegmenterPrompt> prompts)
    {
        if (prompts.Count == 0)
            return [];
        SegmentationMask[]? masks = segmenter.Segment(prompts);
        if (masks is null || masks.Length != prompts.Count)
            throw new InvalidOperationException($"The segmenter gave {masks?.Length ?? 0} masks for {prompts.Count} prompts. {Segment}");
        for (int i = 0; i < masks.Length; i++)
        {
            RgbImage image = prompts[i].Image;
            if (masks[i] is not { } mask)
                throw new InvalidOperationException($"The segmenter's mask for prompt {i} of the batch is null. Where nothing is found, give {nameof(SegmentationMask)}.{nameof(SegmentationMask.Empty)}.");
            if ((mask.Width, mask.Height) != (image.Width, image.Height))
                throw new InvalidOperationException($"The segmenter's mask for prompt {i} of the batch is {mask.Width} x {mask.Height} pixels, its image {image.Width} x {image.Height}. {Segment}");
        }
        return masks;
    }
}
