using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Measures answers against the truth.</summary>
internal static class CandidateMeasurement
{
    /// <summary>Measures all answers of a rollout, in their order.</summary>
    public static CandidateMetrics[] Measure(Rollout rollout)
    {
        GroundTruth[] truths = [.. rollout.Examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        var measured = new CandidateMetrics[rollout.Candidates.Count];
        Parallel.For(0, measured.Length, i => measured[i] = Measure(rollout.Candidates[i], truths[rollout.Candidates[i].Query]));
        return measured;
    }

    /// <summary>Measures one answer.</summary>
    public static CandidateMetrics Measure(Candidate candidate, GroundTruth truth) => CandidateMetrics.Measure(candidate.Generated, candidate.Mask, truth);
}
