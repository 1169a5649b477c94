using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One query and all its hypotheses, measured against the truth.</summary>
/// <param name="Id">The example's id.</param>
/// <param name="Hypotheses">First looks first, the greedy answer first of all.</param>
/// <param name="Provisional">Index of the most plausible hypothesis of the first look.</param>
internal sealed record EvaluatedQuery(long Id, EvaluatedHypothesis[] Hypotheses, int Provisional);

/// <summary>One hypothesis, measured.</summary>
/// <param name="Overlap">How its mask overlaps the truth.</param>
/// <param name="Confidence">The confirming head's estimate of the IoU; negative for a failed answer.</param>
/// <param name="Plausibility">What Look-to-Confirm chooses by.</param>
/// <param name="LogProbability">The answer's log-probability.</param>
/// <param name="Look">0 for the first look, 1 and up for closer views.</param>
internal sealed record EvaluatedHypothesis(QueryResult Overlap, float Confidence, float Plausibility, double LogProbability, int Look)
{
    /// <summary>Intersection over union with the truth.</summary>
    public double IntersectionOverUnion => Overlap.IntersectionOverUnion;
}
