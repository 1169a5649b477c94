using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>Sizes and words of a <see cref="DrSegModel"/>.</summary>
/// <param name="Nouns">The nouns it can be asked for.</param>
/// <param name="Policy">Sizes of the policy.</param>
/// <param name="Segmenter">Sizes of the segmenter.</param>
/// <param name="Confirmation">Sizes of the confirming head.</param>
internal sealed record CompactModelShape(
    IReadOnlyList<string> Nouns, CompactPolicyShape Policy, CompactSegmenterShape Segmenter, CompactConfirmationShape Confirmation)
{
    /// <summary>The default sizes for a set of nouns: under a million parameters in all.</summary>
    public static CompactModelShape ForNouns(IReadOnlyList<string> nouns)
    {
        int queryTokens = new QueryVocabulary(nouns).Size;
        return new CompactModelShape(nouns, new CompactPolicyShape(queryTokens, nouns.Count), new CompactSegmenterShape(), new CompactConfirmationShape(queryTokens));
    }
}
