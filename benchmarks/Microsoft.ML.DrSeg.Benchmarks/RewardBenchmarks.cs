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
    private readonly CandidateMetrics[][] _steps = new CandidateMetrics[Steps][];
    private readonly int[] _sizes = [.. Enumerable.Repeat(Group, Queries)];
    private readonly float[] _rewards = new float[Queries * Group];
    private readonly float[] _one = new float[1];
    private readonly int[] _alone = [1];
    private readonly AnswerScorer _scorer = new();
    private readonly SegmentedObject[] _truth, _answered;
    private readonly SegmentedObject[][][] _stepTruth, _stepAnswered;
    private readonly CandidateMetrics[] _measured = new CandidateMetrics[Queries * Group];
    private readonly string _text;
    private int _next;
    private readonly PlainReward _plain = new();
    private readonly DistributionRankedReward _group = new();
    private readonly DistributionRankedReward _window = Window();

    public RewardBenchmarks()
    {
        var random = new Random(1);
        CandidateMetrics DrawMetrics() => new(random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), 1);
        for (int i = 0; i < Steps; i++)
        {
            _steps[i] = [.. Enumerable.Range(0, Queries * Group).Select(_ => DrawMetrics())];
            _window.Score(_steps[i], _sizes, _rewards);
        }
        _truth = [.. Enumerable.Range(0, Objects).Select(_ => Draw(random))];
        _answered = [.. Enumerable.Range(0, Objects).Select(_ => Draw(random))];
        SegmentedObject[][] DrawStep() => [.. Enumerable.Range(0, Queries * Group).Select(_ => Enumerable.Range(0, Objects).Select(_ => Draw(random)).ToArray())];
        _stepTruth = [.. Enumerable.Range(0, Steps).Select(_ => DrawStep())];
        _stepAnswered = [.. Enumerable.Range(0, Steps).Select(_ => DrawStep())];
        _text = "<think>The scene holds several things. <look> the left edge and its colour </look> So the match is clear.</think><answer>["
            + string.Join(", ", _answered.Select(one => $"{{\"bbox_2d\": [{one.Box.X0}, {one.Box.Y0}, {one.Box.X1}, {one.Box.Y1}], \"point_2d\": [{one.Point.X}, {one.Point.Y}]}}"))
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
    public void OneRankAgainstWindow() => _window.Rank(Candidates.AsSpan(0, 1), _alone, _one);

    [Benchmark]
    public void OneRewardFromObjects()
    {
        var metrics = _scorer.Measure(_answered, _truth, Side, Side);
        _window.Rank([metrics], _alone, _one);
    }

    [Benchmark]
    public void OneRewardFromText()
    {
        var metrics = _scorer.Measure(_text, _truth, Side, Side);
        _window.Rank([metrics], _alone, _one);
    }

    /// <summary>Matching, scores, ranks and merge of 128 answers with three objects each.</summary>
    [Benchmark]
    public void StepFromObjects()
    {
        int step = _next++ % Steps;
        for (int i = 0; i < _measured.Length; i++)
            _measured[i] = _scorer.Measure(_stepAnswered[step][i], _stepTruth[step][i], Side, Side);
        _window.Score(_measured, _sizes, _rewards);
    }

    [Benchmark]
    public void StepPlain() => _plain.Score(Candidates, _sizes, _rewards);

    [Benchmark]
    public void StepWithinGroup() => _group.Score(Candidates, _sizes, _rewards);

    [Benchmark]
    public void StepAgainstWindow() => _window.Score(Candidates, _sizes, _rewards);

    private CandidateMetrics[] Candidates => _steps[_next++ % Steps];
}
