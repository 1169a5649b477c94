using System.Numerics.Tensors;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Which of an object's masks is taken. Source: sam2/modeling/sam/mask_decoder.py.</summary>
internal static class MaskChoice
{
    /// <summary>The mask of which the model expects the best overlap; the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> quality) => TensorPrimitives.IndexOfMax(quality);

    /// <summary>The single mask, 0, if it is stable; otherwise the best of the three others.</summary>
    /// <param name="logits">Those of mask 0.</param>
    /// <param name="quality">Of all masks.</param>
    /// <param name="stability">What counts as stable.</param>
    public static int Single(ReadOnlySpan<float> logits, ReadOnlySpan<float> quality, MaskStability stability) =>
        Stability(logits, stability.Delta) >= stability.Threshold ? 0 : 1 + Best(quality[1..]);

    /// <summary>Area above +delta over area above -delta, 0 to 1; 1 where there is neither.</summary>
    public static double Stability(ReadOnlySpan<float> logits, double delta)
    {
        int smaller = 0, larger = 0;
        foreach (float logit in logits)
        {
            if (logit > delta) smaller++;
            if (logit > -delta) larger++;
        }
        return larger == 0 ? 1 : (double)smaller / larger;
    }
}
