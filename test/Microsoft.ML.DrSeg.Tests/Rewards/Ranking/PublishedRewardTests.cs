using System.Text.Json;
using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

/// <summary>
/// The library's matching and window, put together as in the paper's code, against answers that this code scored:
/// <c>reference_rewards.jsonl</c> in the folder that DRSEG_TEST_DATA names, 768 answers in 12 steps. What is worked out by hand
/// runs everywhere.
/// </summary>
public class PublishedRewardTests
{
    private sealed record Line(
        int Step, string Answer, SegmentedObject[] Truth, string Kind, double Format, double NonRepetition,
        PublishedComponents Raw, PublishedComponents Ranked, bool MatchingAgrees);

    private static Line[] Reference() => [.. File.ReadLines(ReferenceData.PathTo("reference_rewards.jsonl")).Select(Parse)];

    private static Line Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var line = document.RootElement;
        float[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetSingle())];
        PublishedComponents Three(string name)
        {
            var values = line.GetProperty(name);
            return new(values[0].GetDouble(), values[1].GetDouble(), values[2].GetDouble());
        }
        return new(
            line.GetProperty("step").GetInt32(), line.GetProperty("answer").GetString()!,
            [.. line.GetProperty("ground_truth").EnumerateArray().Select(one =>
            {
                float[] box = Numbers(one.GetProperty("bbox_2d")), point = Numbers(one.GetProperty("point_2d"));
                return new SegmentedObject(new(box[0], box[1], box[2], box[3]), new(point[0], point[1]));
            })],
            line.GetProperty("kind").GetString()!, line.GetProperty("format").GetDouble(), line.GetProperty("non_repeat").GetDouble(),
            Three("x"), Three("r"), line.GetProperty("matching_agrees").GetBoolean());
    }

    [Test]
    public void TheFilesComponentsGiveTheFilesRanks()
    {
        var lines = Reference();
        var reward = new PublishedReward();
        foreach (var step in lines.GroupBy(line => line.Step).OrderBy(step => step.Key))
        {
            foreach (var line in step)
                AssertNear(reward.Rank(line.Raw), line.Ranked, $"step {line.Step}, {line.Answer}");
            reward.EndStep([.. step.Select(line => line.Raw)]);
        }
        Assert.That(lines, Has.Length.EqualTo(768));
        Assert.That(lines.Select(line => line.Step).Distinct().Count(), Is.EqualTo(12));
    }

    [Test]
    public void TheFilesAnswersGiveTheFilesComponents()
    {
        var lines = Reference();
        var otherMatchings = 0;
        foreach (var line in lines)
        {
            var about = $"{line.Kind} of step {line.Step}: {line.Answer}";
            var raw = PublishedReward.Measure(line.Answer, line.Truth, out var cost);
            Assert.That(PublishedReward.Format(line.Answer), Is.EqualTo(line.Format).Within(1e-6), about);
            Assert.That(PublishedReward.NonRepetition(line.Answer), Is.EqualTo(line.NonRepetition), about);
            if (line.MatchingAgrees)
            {
                AssertNear(raw, line.Raw, about);
                continue;
            }
            otherMatchings++;
            Assert.That(raw.Count, Is.EqualTo(line.Raw.Count).Within(1e-6), about);
            var theirs = CostsOfMatchingsLike(line).ToArray();
            Assert.That(theirs, Is.Not.Empty, "no matching gives the file's components: " + about);
            Assert.That(theirs, Is.All.GreaterThanOrEqualTo(cost - 1e-9), about);
        }
        Assert.That(otherMatchings, Is.EqualTo(lines.Count(line => !line.MatchingAgrees)).And.GreaterThan(0));
        Assert.That(lines.Select(line => line.Kind).Distinct(), Is.EquivalentTo(new[] { "valid", "unclosed", "repeats", "placeholder", "empty_look", "no_prediction" }));
        Assert.That(lines.Count(line => line.Truth.Length == 0), Is.EqualTo(24));
    }

    /// <summary>The total cost of every matching that has the file's components: one of them is the published code's.</summary>
    private static IEnumerable<double> CostsOfMatchingsLike(Line line)
    {
        var answered = Objects(line.Answer);
        var diagonal = Math.Sqrt(2) * 840;
        var size = Math.Min(answered.Length, line.Truth.Length);
        foreach (var pairs in Matchings(answered.Length, line.Truth.Length, 0, 0))
        {
            if (pairs.Length < size)
                continue;
            double overlap = 0, point = 0, cost = 0;
            foreach (var (i, j) in pairs)
            {
                var (iou, distance) = (InclusiveIoU(answered[i], line.Truth[j]), Distance(answered[i], line.Truth[j]));
                overlap += iou / size;
                point += Math.Clamp((200 - distance) / 170, 0, 1) / size;
                cost += 1 - iou + distance / diagonal;
            }
            if (Math.Abs(overlap - line.Raw.BoxIoU) < 1e-6 && Math.Abs(point - line.Raw.Point) < 1e-6)
                yield return cost;
        }
    }

    private static IEnumerable<(int, int)[]> Matchings(int answered, int wanted, int first, int used)
    {
        if (first == answered)
        {
            yield return [];
            yield break;
        }
        foreach (var rest in Matchings(answered, wanted, first + 1, used))
            yield return rest;
        for (var j = 0; j < wanted; j++)
        {
            if ((used & (1 << j)) == 0)
            {
                foreach (var rest in Matchings(answered, wanted, first + 1, used | (1 << j)))
                    yield return [(first, j), .. rest];
            }
        }
    }

    private static double[][] Objects(string answer)
    {
        var json = answer[(answer.IndexOf("<answer>", StringComparison.Ordinal) + 8)..answer.IndexOf("</answer>", StringComparison.Ordinal)];
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(one => one.GetProperty("bbox_2d").EnumerateArray()
            .Concat(one.GetProperty("point_2d").EnumerateArray()).Select(number => number.GetDouble()).ToArray())];
    }

    private static double InclusiveIoU(double[] a, SegmentedObject b)
    {
        double Length(double from, double to) => Math.Max(0, to - from + 1);
        var shared = Length(Math.Max(a[0], b.Box.X0), Math.Min(a[2], b.Box.X1)) * Length(Math.Max(a[1], b.Box.Y0), Math.Min(a[3], b.Box.Y1));
        return shared / (Length(a[0], a[2]) * Length(a[1], a[3]) + Length(b.Box.X0, b.Box.X1) * Length(b.Box.Y0, b.Box.Y1) - shared);
    }

    private static double Distance(double[] a, SegmentedObject b) => double.Hypot(a[4] - b.Point.X, a[5] - b.Point.Y);

    private static void AssertNear(PublishedComponents actual, PublishedComponents expected, string about)
    {
        Assert.That(actual.BoxIoU, Is.EqualTo(expected.BoxIoU).Within(1e-6), about);
        Assert.That(actual.Count, Is.EqualTo(expected.Count).Within(1e-6), about);
        Assert.That(actual.Point, Is.EqualTo(expected.Point).Within(1e-6), about);
    }

    [Test]
    public void ASampleByHand()
    {
        const string text = """<think>Look. <look> there </look></think> <answer>[{"bbox_2d":[0,0,9,9],"point_2d":[4,4]}]</answer>""";
        SegmentedObject[] truth = [new(new(0, 0, 9, 19), new(4, 119))];
        Assert.Multiple(() =>
        {
            // 10 x 10 pixels of 10 x 20; the point is 115 pixels off: half-way from 30 to 200.
            AssertNear(PublishedReward.Measure(text, truth), new(.5, 1, .5), text);
            Assert.That(PublishedReward.Format(text), Is.EqualTo(4));
            Assert.That(PublishedReward.NonRepetition(text), Is.EqualTo(1));
            AssertNear(PublishedReward.Measure("<answer>[]</answer>", []), new(0, 1, 0), "nothing against nothing");
            AssertNear(PublishedReward.Measure("<answer>[{\"bbox_2d\":[NaN,0,9,9],\"point_2d\":[4,4]}]</answer>", truth), default, "unreadable");
        });
    }

    [Test]
    public void TheWindowBeginsWithZerosAndTakesAStepInAtItsEnd()
    {
        var reward = new PublishedReward();
        var first = new PublishedComponents(.3, 1, 0);
        AssertNear(reward.Rank(first), new(1, 1, 1), "everything is at least 0");
        reward.EndStep([.. Enumerable.Repeat(new PublishedComponents(.5, 1, 1), 128)]);
        AssertNear(reward.Rank(first), new(.5, 1, .5), "half are zeros");
    }

    [TestCase(0.25, 0.2)]
    [TestCase(0.75, 0.8)]
    [TestCase(0.05, 0.1)]
    [TestCase(0.15, 0.1)]
    [TestCase(0.35, 0.3)]
    [TestCase(0.45, 0.5)]
    [TestCase(0.55, 0.6)]
    [TestCase(0.65, 0.7)]
    [TestCase(0.85, 0.8)]
    [TestCase(0.95, 0.9)]
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(0.9999999999999999, 1)]
    [TestCase(0.30000000000000004, 0.3)]
    public void RoundingIsPythons(double share, double expected) =>
        Assert.That(PublishedReward.RoundToTenth(share), Is.EqualTo(expected));
}
