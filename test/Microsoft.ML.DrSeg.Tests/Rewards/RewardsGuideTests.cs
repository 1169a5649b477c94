using System.Globalization;
using System.Text;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

/// <summary>
/// The worked example of <c>docs/guides/rewards.md</c>: its table and figure are what the library computes. With
/// DRSEG_WRITE_DOCS set, the test writes both anew instead of comparing.
/// </summary>
public class RewardsGuideTests
{
    private const int WindowSize = 1000;
    private const string TableStart = "<!-- eight candidates -->\n", TableEnd = "<!-- end -->\n";
    private static readonly int[] OneGroup = [8];

    private static readonly CandidateMetrics[] Candidates =
        [.. new[] { .04, .10, .12, .46, .50, .52, .81 }.Select(iou => new CandidateMetrics { MaskIoU = iou }), CandidateMetrics.Failed];

    private static readonly (string Name, Func<ICandidateReward> Create)[] Rewards =
    [
        ("raw IoU", () => new PlainReward()),
        ("hard rank in the group", () => new DistributionRankedReward(new() { Temperature = 0 })),
        ("soft rank, temperature .5", () => new DistributionRankedReward()),
        ("soft rank, temperature 2", () => new DistributionRankedReward(new() { Temperature = 2 })),
        ("quantile in the window", Window),
    ];

    /// <summary>A window of a policy that is mostly wrong: half of the values below .25, three quarters below .56.</summary>
    private static DistributionRankedReward Window()
    {
        var reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Components = [new(RewardComponent.MaskIoU)] });
        reward.Learn([.. Enumerable.Range(0, WindowSize).Select(i => new CandidateMetrics { MaskIoU = Math.Pow((i + .5) / WindowSize, 2) })]);
        return reward;
    }

    private static float[] Score(ICandidateReward reward)
    {
        var rewards = new float[Candidates.Length];
        reward.Score(Candidates, OneGroup, rewards);
        return rewards;
    }

    private static float[] Advantages(float[] rewards)
    {
        var advantages = new float[rewards.Length];
        GroupAdvantages.Compute(rewards, OneGroup, AdvantageScaling.Group, advantages);
        return advantages;
    }

    [Test]
    public void TheGuidesTableIsWhatTheLibraryComputes()
    {
        var path = Path.Combine(Docs, "guides", "rewards.md");
        var guide = File.ReadAllText(path);
        int start = guide.IndexOf(TableStart, StringComparison.Ordinal) + TableStart.Length, end = guide.IndexOf(TableEnd, StringComparison.Ordinal);
        if (Writing)
            File.WriteAllText(path, guide[..start] + Table() + guide[end..]);
        else
            Assert.That(guide[start..end], Is.EqualTo(Table()));
    }

    [Test]
    public void TheGuidesFigureIsWhatTheLibraryComputes()
    {
        var path = Path.Combine(Docs, "images", "rewards-eight-candidates.svg");
        if (Writing)
            File.WriteAllText(path, Figure());
        else
            Assert.That(File.ReadAllText(path), Is.EqualTo(Figure()));
    }

    private static bool Writing => Environment.GetEnvironmentVariable("DRSEG_WRITE_DOCS") is { Length: > 0 };

    private static string Docs { get; } = Path.Combine(Repository.Root, "docs");

    private static string Table()
    {
        var text = new StringBuilder("\n|  | A | B | C | D | E | F | G | H |\n|---|---|---|---|---|---|---|---|---|\n");
        text.Append("| mask IoU |");
        foreach (var candidate in Candidates)
            text.Append(CultureInfo.InvariantCulture, $" {(candidate.IsFailed ? "failed" : $"{candidate.MaskIoU:.00}")} |");
        foreach (var (name, create) in Rewards)
        {
            var rewards = Score(create());
            text.Append("\n| ").Append(name).Append(" |");
            foreach (var reward in rewards)
                text.Append(CultureInfo.InvariantCulture, $" {reward:0.00} |");
            text.Append("\n| *its advantage* |");
            foreach (var advantage in Advantages(rewards))
                text.Append(CultureInfo.InvariantCulture, $" *{advantage:+0.00;-0.00}* |");
        }
        return text.Append("\n\n").ToString();
    }

    /// <summary>Advantage over IoU, one line a reward.</summary>
    private static string Figure()
    {
        string[] colors = ["#888888", "#c0392b", "#2471a3", "#7fb3d5", "#1e8449"];
        const int width = 640, height = 340, left = 50, right = 180, top = 20, bottom = 40;
        const double low = -2, high = 2;
        double X(double iou) => left + iou * (width - left - right);
        double Y(double advantage) => top + (high - advantage) / (high - low) * (height - top - bottom);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<title>Advantage of each of the seven answers that did not fail, by reward</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        for (var advantage = low; advantage <= high; advantage++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{left} {Y(advantage):0.#}H{width - right}\" stroke=\"#dddddd\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left - 8}\" y=\"{Y(advantage) + 4:0.#}\" text-anchor=\"end\">{advantage:+0;-0;0}</text>\n");
        }
        for (var iou = 0.0; iou < 1.01; iou += .2)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(iou):0.#}\" y=\"{height - bottom + 18}\" text-anchor=\"middle\">{iou:0.0}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(.5):0.#}\" y=\"{height - 6}\" text-anchor=\"middle\">mask IoU</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {Y(0):0.#}) rotate(-90)\" text-anchor=\"middle\">advantage</text>\n");
        for (var i = 0; i < Rewards.Length; i++)
        {
            var advantages = Advantages(Score(Rewards[i].Create()));
            svg.Append(CultureInfo.InvariantCulture, $"<g fill=\"{colors[i]}\"><polyline fill=\"none\" stroke=\"{colors[i]}\" stroke-width=\"2\" points=\"");
            for (var c = 0; c < 7; c++)
                svg.Append(CultureInfo.InvariantCulture, $"{X(Candidates[c].MaskIoU):0.#},{Y(advantages[c]):0.#} ");
            svg.Append("\"/>");
            for (var c = 0; c < 7; c++)
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(Candidates[c].MaskIoU):0.#}\" cy=\"{Y(advantages[c]):0.#}\" r=\"3\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{width - right + 14}\" y=\"{top + 20 + 20 * i}\">{Rewards[i].Name}</text></g>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }
}
