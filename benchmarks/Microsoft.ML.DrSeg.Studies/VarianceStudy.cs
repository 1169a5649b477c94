using System.Globalization;
using System.Text;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>Gradients of one batch of queries under many rewards, over repeated answers.</summary>
internal sealed class VarianceStudy
{
    private static readonly WeightedComponent[] Sum =
        [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore), new(RewardComponent.MaskIoU)];

    private static readonly RewardComponent[] MaskMetrics = [RewardComponent.MaskIoU, RewardComponent.Dice, RewardComponent.AveragePrecision];

    private readonly ObjectiveOptions _objective = new();
    private readonly DrSegModel _model;
    private readonly SegmentationExample[] _examples;
    private readonly GroundTruth[] _truths;
    private readonly int _group;
    private readonly Parameter[] _parameters;
    private readonly List<Reward> _rewards = [];
    private readonly List<CandidateMetrics[]> _measured = [];

    public VarianceStudy(DrSegModel model, SegmentationExample[] examples, int group)
    {
        (_model, _examples, _group) = (model, examples, group);
        _truths = [.. examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        _parameters = [.. model.Policy.Parameters()];
        Add("raw mask IoU", new PlainReward());
        Add("raw sum", new PlainReward(Sum));
        // GDPO's last step is the normalisation over the batch.
        Add("GDPO", new DistributionRankedReward(new() { Combination = RewardCombination.NormalizeThenSum, Components = Sum }), AdvantageScaling.Batch);
        Add("ranked within the group, mask IoU", new DistributionRankedReward());
        Add("ranked within the group, sum's components", new DistributionRankedReward(new() { Components = Sum }));
        Add("ranked against the window, mask IoU", new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Components = [new(RewardComponent.MaskIoU)] }));
        Add("ranked against the window, sum's components", new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Components = Sum }));
        Add("raw Dice", new PlainReward([new(RewardComponent.Dice)]));
        Add("raw AP", new PlainReward([new(RewardComponent.AveragePrecision)]));
        Add("ranked within the group, Dice", new DistributionRankedReward(new() { Components = [new(RewardComponent.Dice)] }));
        Add("ranked within the group, AP", new DistributionRankedReward(new() { Components = [new(RewardComponent.AveragePrecision)] }));
        Add("ranked within the group, IoU + Dice + AP", new DistributionRankedReward(new() { Components = [.. MaskMetrics.Select(metric => new WeightedComponent(metric))] }));
    }

    private sealed record Reward(string Name, ICandidateReward Value, AdvantageScaling Scaling)
    {
        public List<float[]> Gradients { get; } = [];

        public List<double> WithoutSpread { get; } = [];
    }

    private void Add(string name, ICandidateReward reward, AdvantageScaling scaling = AdvantageScaling.Group) => _rewards.Add(new(name, reward, scaling));

    /// <summary>Answers all queries anew and takes the gradient of every reward. Windows go on from repeat to repeat, as in training.</summary>
    public void Repeat(ulong seed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        PolicyPrompt[] prompts = [.. _examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))];
        var look = Look.Take(_model.Policy, _model.Segmenter, prompts, _group, new AnswerSampling(1f, FirstGreedy: false, seed));
        using var rollout = new Rollout(step: 1, _examples, [look], [[.. Enumerable.Range(0, _examples.Length)]]);
        CandidateMetrics[] metrics = [.. rollout.Candidates.Select(candidate => CandidateMetrics.Measure(candidate.Generated, candidate.Mask, _truths[candidate.Query]))];
        _measured.Add(metrics);
        int[] sizes = [.. Enumerable.Repeat(_group, _examples.Length)];
        foreach (Reward reward in _rewards)
        {
            using DisposeScope passScope = torch.NewDisposeScope();
            var values = new float[metrics.Length];
            var advantages = new float[metrics.Length];
            reward.Value.Score(metrics, sizes, values);
            reward.WithoutSpread.Add((double)GroupAdvantages.Compute(values, sizes, reward.Scaling, advantages) / sizes.Length);
            AnswerTensors answers = AnswerTensors.Of(rollout, advantages, _ => true, _objective, null, _model.Device).Single();
            using ScoredTokens now = _model.Policy.ScoreChecked(look.Prompts, answers.Tokens, answers.Mask, new ScoreOptions { Gradient = true });
            GrpoLoss.Compute(now, answers.Mask, answers.LogProbabilities, null, answers.Advantages, _objective, _model.Policy.LongestAnswer).Loss.backward();
            now.Backward();
            reward.Gradients.Add(TakeGradient());
        }
    }

    private float[] TakeGradient()
    {
        var gradient = new List<float>();
        foreach (Parameter parameter in _parameters)
        {
            if (parameter.grad is not { } own) continue;
            gradient.AddRange(own.cpu().data<float>());
            own.zero_();
        }
        return [.. gradient];
    }

    /// <summary>Both tables as Markdown.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_measured.Count} repeats of {_examples.Length} queries with {_group} answers each; {_measured.Sum(step => step.Count(one => one.IsFailed))} of {_measured.Sum(step => step.Length)} answers failed.");
        text.AppendLine().AppendLine("| reward | relative variance | 95 % interval | over raw mask IoU | 95 % interval | direction like raw mask IoU | groups without spread |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        double[,] baseline = Products(_rewards[0].Gradients, _rewards[0].Gradients);
        foreach (Reward reward in _rewards)
        {
            double[,] products = Products(reward.Gradients, reward.Gradients);
            Estimate own = GradientVariance.Relative(products), ratio = GradientVariance.Ratio(products, baseline);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {reward.Name} | {own.Value:0.00} | {own.Low:0.00} to {own.High:0.00} | {ratio.Value:0.00} | {ratio.Low:0.00} to {ratio.High:0.00} | {Direction(reward, _rewards[0]):0.00} | {reward.WithoutSpread.Average():0.0%} |");
        }
        text.AppendLine().AppendLine("| metric of one mask | other metric | rank correlation over all masks | pairs of a group told apart by the first only | pairs ordered the other way round |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (RewardComponent first in MaskMetrics)
            foreach (RewardComponent second in MaskMetrics.Where(second => second != first))
                text.AppendLine(Compare(first, second));
        return text.ToString();
    }

    // The cosine between the mean gradients.
    private static double Direction(Reward one, Reward other)
    {
        double Mean(List<float[]> a, List<float[]> b) => Products(a, b).Cast<double>().Average();
        return Mean(one.Gradients, other.Gradients) / Math.Sqrt(Mean(one.Gradients, one.Gradients) * Mean(other.Gradients, other.Gradients));
    }

    private static double[,] Products(List<float[]> a, List<float[]> b)
    {
        var products = new double[a.Count, b.Count];
        Parallel.For(0, a.Count, i =>
        {
            for (int j = 0; j < b.Count; j++)
            {
                double sum = 0;
                float[] left = a[i], right = b[j];
                for (int k = 0; k < left.Length; k++) sum += (double)left[k] * right[k];
                products[i, j] = sum;
            }
        });
        return products;
    }

    private string Compare(RewardComponent first, RewardComponent second)
    {
        CandidateMetrics[] honest = [.. _measured.SelectMany(step => step).Where(one => !one.IsFailed)];
        double? correlation = RankCorrelation.Spearman([.. honest.Select(one => one[first])], [.. honest.Select(one => one[second])]);
        long pairs = 0, firstOnly = 0, opposed = 0;
        foreach (CandidateMetrics[] answers in _measured.SelectMany(step => step.Chunk(_group)))
            for (int i = 0; i < answers.Length; i++)
                for (int j = 0; j < i; j++)
                {
                    if (answers[i].IsFailed || answers[j].IsFailed) continue;
                    int one = answers[i][first].CompareTo(answers[j][first]), other = answers[i][second].CompareTo(answers[j][second]);
                    pairs++;
                    if (one != 0 && other == 0) firstOnly++;
                    if (one * other < 0) opposed++;
                }
        return string.Create(CultureInfo.InvariantCulture, $"| {first} | {second} | {correlation:0.000} | {(double)firstOnly / pairs:0.0%} | {(double)opposed / pairs:0.0%} |");
    }
}
