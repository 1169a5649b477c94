using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

/// <summary>What must hold of every ranking, whatever the values: checked on generated groups, many ties among them.</summary>
public class RankingProperties
{
    // Eighths, so that ties are common and maps below keep distinct values distinct; among them now and then any number.
    private static readonly Gen<double> Value = Gen.OneOf(
        Gen.Choose(0, 8).Select(n => n / 8.0),
        Gen.Choose(0, 1_000_000).Select(n => n / 1_000_000.0));

    private static readonly Gen<double[]> Values = Value.NonEmptyListOf().Select(list => list.ToArray());

    private static readonly Gen<CandidateMetrics> Candidate =
        from failed in Gen.Choose(0, 5)
        from values in Gen.ArrayOf(Value, 6)
        select failed == 0 ? CandidateMetrics.Failed : new CandidateMetrics(values[0], values[1], values[2], values[3], values[4], values[5]);

    private static readonly Gen<CandidateMetrics[]> Group = Candidate.NonEmptyListOf().Select(list => list.ToArray());

    private static readonly Func<double, double>[] IncreasingMaps =
        [x => x * x * x, x => Math.Exp(3 * x), x => 7 * x - 100, x => Math.Sqrt(x), x => x < .5 ? x : x + 10];

    // No smaller than a step: of a step that does not fit, the window keeps the last values.
    private const int Capacity = 400;

    private static readonly Func<DistributionRankedReward>[] Rewards =
    [
        () => new(new() { Temperature = 0 }),
        () => new(new() { Temperature = .7, Components = [new(RewardComponent.MaskIoU, 2), new(RewardComponent.Dice), new(RewardComponent.BoxIoU)] }),
        () => new(new() { Mode = RankedRewardMode.ReferenceWindow, WindowCapacity = Capacity, WindowMinimum = 5 }),
    ];

    private static void Check<T>(Gen<T> generator, Func<T, bool> holds) =>
        Prop.ForAll(generator.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(2024UL, 7UL));

    private static double[] Ranks(double[] values, double temperature)
    {
        var ranks = new double[values.Length];
        SoftRank.Compute(values, [], temperature, ranks);
        return ranks;
    }

    private static float[] Score(DistributionRankedReward reward, CandidateMetrics[] group)
    {
        var rewards = new float[group.Length];
        reward.Score(group, [group.Length], rewards);
        return rewards;
    }

    [Test]
    public void HardRanksSeeOrderOnly() => Check(Values, values =>
        IncreasingMaps.All(map => Ranks([.. values.Select(map)], 0).SequenceEqual(Ranks(values, 0))));

    [Test]
    public void WindowQuantilesSeeOrderOnly() => Check(Gen.Two(Values), pair => IncreasingMaps.All(map =>
    {
        var (raw, mapped) = (new ReferenceDistribution(16), new ReferenceDistribution(16));
        raw.Merge(pair.Item1);
        mapped.Merge([.. pair.Item1.Select(map)]);
        return pair.Item2.All(x => raw.Quantile(x) == mapped.Quantile(map(x)));
    }));

    [Test]
    public void TheLimitOfZeroTemperatureIsTheHardRank() => Check(Values, values =>
        // Distinct values lie at least a millionth apart and a group's spread below 1: sigmoid(1e-6 / 1e-9) is 1.
        Ranks(values, 1e-9).Zip(Ranks(values, 0)).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9));

    [Test]
    public void SoftRanksAreMonotone() => Check(Values, values =>
    {
        var ranks = Ranks(values, .5);
        return Enumerable.Range(0, values.Length).All(i => Enumerable.Range(0, values.Length).All(j =>
            values[i] > values[j] ? ranks[i] >= ranks[j] : values[i] != values[j] || ranks[i] == ranks[j]));
    });

    [Test]
    public void SoftRanksDoNotChangeUnderPositiveAffineMaps() => Check(Values, values =>
        new[] { (2.0, 0.0), (1024, 0), (.25, 3), (3.7, -11) }.All(map =>
            Ranks([.. values.Select(x => map.Item1 * x + map.Item2)], .5).Zip(Ranks(values, .5)).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6)));

    [Test]
    public void PermutingCandidatesPermutesRewards() => Check(Gen.Two(Group), pair => Rewards.All(create =>
    {
        var (before, group) = pair;
        int[] order = [.. Enumerable.Range(0, group.Length)];
        new Random(group.Length).Shuffle(order);
        var (one, other) = (create(), create());
        Score(one, before);
        Score(other, before);
        var rewards = Score(one, group);
        return Score(other, [.. order.Select(i => group[i])]).SequenceEqual(order.Select(i => rewards[i]));
    }));

    [Test]
    public void EqualCandidatesGetEqualRewardsAndBetterOnesNeverLess() => Check(Group, group => Rewards.All(create =>
    {
        // Each candidate once more, and once better in one component.
        CandidateMetrics[] all = [.. group, .. group, .. group.Select(one => one.IsFailed ? one : one with { MaskIoU = one.MaskIoU + .01 })];
        var rewards = Score(create(), all);
        return Enumerable.Range(0, group.Length).All(i => rewards[i] == rewards[i + group.Length] && rewards[i + 2 * group.Length] >= rewards[i]);
    }));

    [Test]
    public void FailedAnswersGetExactlyZeroAndNeverEnterTheWindow() => Check(Group, group => Rewards.All(create =>
    {
        var reward = create();
        var rewards = Score(reward, group);
        var honest = group.Count(one => !one.IsFailed);
        return Enumerable.Range(0, group.Length).All(i => !group[i].IsFailed || rewards[i] == 0)
            && rewards.All(value => value is >= 0 and <= 1)
            && reward.SaveState().Values.All(window => window.Length == Math.Min(Capacity, honest));
    }));

    [Test]
    public void TheWindowIsANaiveList() => Check(Values.NonEmptyListOf(), steps =>
    {
        var window = new ReferenceDistribution(150);
        double[] naive = [];
        foreach (var step in steps)
        {
            window.Merge(step);
            naive = [.. naive.Concat(step).TakeLast(150)];
            if (!step.Append(-1).Append(2).All(x => window.Quantile(x) == (naive.Count(s => s < x) + naive.Count(s => s <= x)) / (2.0 * naive.Length)))
                return false;
        }
        return window.ToArray().SequenceEqual(naive);
    });

    [Test]
    public void NoTextThrowsAndWhatIsReadIsInsideTheImage()
    {
        // Pieces of the grammar in any order, and characters that are none.
        string[] pieces = ["<think>", "</think>", "<look>", "</look>", "<answer>", "</answer>", "[", "]", "{", "}", ",", ":", "\"bbox_2d\"", "\"point_2d\"",
            "[1,2,3,4]", "[5,6]", "-9", "1e999", "NaN", "null", "\"", "\\u0000", " ", "\n", "\ud83d\udc36", "x"];
        const string whole = """{"bbox_2d":[1,2,3,4],"point_2d":[5,6]}""";
        var text = Gen.OneOf(
            Gen.Elements(pieces).ListOf().Select(list => string.Concat(list)),
            Gen.Elements([.. pieces, whole]).ListOf().Select(list => $"<think></think><answer>[{string.Join(",", list)}]</answer>"),
            Gen.Choose(0, char.MaxValue).ListOf().Select(list => string.Concat(list.Select(c => (char)c))));
        Check(text, value => AnswerParser.Parse(value, 50, 40) switch
        {
            FailedAnswer failed => failed.Detail.Length > 0,
            TextAnswer answer => answer.Objects.All(one => !one.Box.IsEmpty && one.Box == one.Box.Clamp(50, 40)
                && one.Point.X is >= 0 and <= 50 && one.Point.Y is >= 0 and <= 40),
            _ => false,
        });
    }

    [Test]
    public void AMatchingDoesNotDependOnTheOrderOfEitherSide()
    {
        var coordinate = Gen.Choose(0, 6).Select(n => 8f * n);
        var one = from x in coordinate from y in coordinate from w in Gen.Choose(1, 3) from h in Gen.Choose(1, 3) from p in coordinate
                  select new SegmentedObject(new(x, y, x + 8 * w, y + 8 * h), new(p, y));
        var scorer = new AnswerScorer();
        Check(Gen.Two(one.ListOf()), sides =>
        {
            SegmentedObject[] answered = [.. sides.Item1], wanted = [.. sides.Item2];
            var metrics = scorer.Measure(answered, wanted, 80, 80);
            Array.Reverse(answered);
            Array.Reverse(wanted);
            return scorer.Measure(answered, wanted, 80, 80) == metrics;
        });
    }
}
