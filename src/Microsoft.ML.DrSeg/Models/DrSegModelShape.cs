using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Segmenters;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>Sizes and words of a <see cref="DrSegModel"/>.</summary>
/// <param name="Nouns">The nouns it can be asked for.</param>
/// <param name="Policy">Sizes of the policy.</param>
/// <param name="Segmenter">Sizes of the segmenter.</param>
/// <param name="Confirmation">Sizes of the confirming head.</param>
public sealed record DrSegModelShape(
    IReadOnlyList<string> Nouns, CompactPolicyShape Policy, CompactSegmenterShape Segmenter, ConfirmationShape Confirmation)
{
    /// <summary>The default sizes for a set of nouns: under a million parameters in all.</summary>
    public static DrSegModelShape ForNouns(IReadOnlyList<string> nouns)
    {
        int queryTokens = new QueryVocabulary(nouns).Size;
        return new DrSegModelShape(nouns, new CompactPolicyShape(queryTokens, nouns.Count), new CompactSegmenterShape(), new ConfirmationShape(queryTokens));
    }
}
