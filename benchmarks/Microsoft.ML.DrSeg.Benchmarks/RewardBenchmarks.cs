using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Rewards of one step of 24 queries with 8 candidates each: plain, ranked within the group, ranked against the window.</summary>
[MemoryDiagnoser]
public class RewardBenchmarks
{
    private const int Queries = 24, Group = 8;
    private readonly CandidateMetrics[] candidates = new CandidateMetrics[Queries * Group];
    private readonly int[] sizes = [.. Enumerable.Repeat(Group, Queries)];
    private readonly float[] rewards = new float[Queries * Group];
    private readonly PlainReward plain = new();
    private readonly DistributionRankedReward group = new(new DistributionRankedRewardSettings { Mode = RankedRewardMode.WithinGroup });
    private readonly DistributionRankedReward window = new(new DistributionRankedRewardSettings { Mode = RankedRewardMode.ReferenceWindow });

    public RewardBenchmarks()
    {
        var random = new Random(1);
        for (int i = 0; i < candidates.Length; i++)
            candidates[i] = new CandidateMetrics(random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), 1);
    }

    [Benchmark(Baseline = true)]
    public void Plain() => plain.Score(candidates, sizes, rewards);

    [Benchmark]
    public void RankedWithinGroup() => group.Score(candidates, sizes, rewards);

    [Benchmark]
    public void RankedAgainstWindow() => window.Score(candidates, sizes, rewards);
}
