using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// What a reward costs: one answer from its text to its rank, and a step of 16 queries with 8 answers each. The peers in
/// <c>benchmarks/peers/rewards.py</c> do the same work on the same numbers; <see cref="RewardPeers"/> writes both into one table.
/// </summary>
[MemoryDiagnoser]
public class RewardBenchmarks
{
    // Several steps in turn: the branches of a single one would be foretold, and its values stand in the window many times.
    private const int Side = 840, Queries = 16, Group = 8, Objects = 3, Steps = 32;
    private readonly CandidateMetrics[][] steps = new CandidateMetrics[Steps][];
    private readonly int[] sizes = [.. Enumerable.Repeat(Group, Queries)];
    private readonly float[] rewards = new float[Queries * Group];
    private readonly float[] one = new float[1];
    private readonly int[] alone = [1];
    private readonly AnswerScorer scorer = new();
    private readonly SegmentedObject[] truth, answered;
    private readonly SegmentedObject[][][] stepTruth, stepAnswered;
    private readonly CandidateMetrics[] measured = new CandidateMetrics[Queries * Group];
    private readonly string text;
    private int next;
    private readonly PlainReward plain = new();
    private readonly DistributionRankedReward group = new();
    private readonly DistributionRankedReward window = Window();

    public RewardBenchmarks()
    {
        var random = new Random(1);
        CandidateMetrics DrawMetrics() => new(random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), 1);
        for (int i = 0; i < Steps; i++)
        {
            steps[i] = [.. Enumerable.Range(0, Queries * Group).Select(_ => DrawMetrics())];
            window.Score(steps[i], sizes, rewards);
        }
        truth = [.. Enumerable.Range(0, Objects).Select(_ => Draw(random))];
        answered = [.. Enumerable.Range(0, Objects).Select(_ => Draw(random))];
        SegmentedObject[][] DrawStep() => [.. Enumerable.Range(0, Queries * Group).Select(_ => Enumerable.Range(0, Objects).Select(_ => Draw(random)).ToArray())];
        stepTruth = [.. Enumerable.Range(0, Steps).Select(_ => DrawStep())];
        stepAnswered = [.. Enumerable.Range(0, Steps).Select(_ => DrawStep())];
        text = "<think>The scene holds several things. <look> the left edge and its colour </look> So the match is clear.</think><answer>["
            + string.Join(", ", answered.Select(one => $"{{\"bbox_2d\": [{one.Box.X0}, {one.Box.Y0}, {one.Box.X1}, {one.Box.Y1}], \"point_2d\": [{one.Point.X}, {one.Point.Y}]}}"))
            + "]</answer>";
    }

    /// <summary>The paper's three components against a full window.</summary>
    private static DistributionRankedReward Window() => new(new()
    {
        Mode = RankedRewardMode.ReferenceWindow,
        Components = [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore)],
    });

    private static SegmentedObject Draw(Random random)
    {
        int x = random.Next(600), y = random.Next(600), width = random.Next(20, 200), height = random.Next(20, 200);
        return new(new(x, y, x + width, y + height), new(x + width / 2, y + height / 2));
    }

    [Benchmark]
    public void OneRankAgainstWindow() => window.Rank(Candidates.AsSpan(0, 1), alone, one);

    [Benchmark]
    public void OneRewardFromObjects()
    {
        var metrics = scorer.Measure(answered, truth, Side, Side);
        window.Rank([metrics], alone, one);
    }

    [Benchmark]
    public void OneRewardFromText()
    {
        var metrics = scorer.Measure(text, truth, Side, Side);
        window.Rank([metrics], alone, one);
    }

    /// <summary>Matching, scores, ranks and merge of 128 answers with three objects each.</summary>
    [Benchmark]
    public void StepFromObjects()
    {
        int step = next++ % Steps;
        for (int i = 0; i < measured.Length; i++)
            measured[i] = scorer.Measure(stepAnswered[step][i], stepTruth[step][i], Side, Side);
        window.Score(measured, sizes, rewards);
    }

    [Benchmark]
    public void StepPlain() => plain.Score(Candidates, sizes, rewards);

    [Benchmark]
    public void StepWithinGroup() => group.Score(Candidates, sizes, rewards);

    [Benchmark]
    public void StepAgainstWindow() => window.Score(Candidates, sizes, rewards);

    private CandidateMetrics[] Candidates => steps[next++ % Steps];
}
