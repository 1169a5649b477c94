using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Measures answers against the truth.</summary>
internal static class CandidateMeasurement
{
    public static CandidateMetrics[] Measure(Rollout rollout)
    {
        GroundTruth[] truths = [.. rollout.Examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        var measured = new CandidateMetrics[rollout.Candidates.Count];
        Parallel.For(0, measured.Length, i =>
        {
            (int query, GeneratedAnswer generated, SegmentationMask? mask) = rollout.Candidates[i];
            measured[i] = CandidateMetrics.Measure(generated, mask, truths[query]);
        });
        return measured;
    }
}
