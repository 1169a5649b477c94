using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class DistributionRankedRewardScorerTests
{
    private const int Side = 100;

    private sealed class Query
    {
        [SegmentationMaskListType]
        public SegmentationMaskList? Candidates { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    private sealed class Scored
    {
        public float[] Reward { get; set; } = [];
        public float[] Rank { get; set; } = [];
        public float[] MaskIoU { get; set; } = [];
        public float[] Dice { get; set; } = [];
    }

    /// <summary>A strip of that many columns out of ten, so that its IoU with the full ten is width / 10.</summary>
    private static SegmentationMask Strip(int width) => SegmentationMask.FromBox(new(10, 10, 10 + width, 20), Side, Side);

    private static Query OfWidths(params int?[] widths) => new()
    {
        Candidates = new(widths.Select(width => width is { } columns ? Strip(columns) : null)),
        Mask = Strip(10),
    };

    private static DistributionRankedRewardEstimator Estimator(MLContext context, RankedRewardMode mode = RankedRewardMode.WithinGroup) =>
        new(context, new() { Reward = new() { Mode = mode, Temperature = 0, Components = [new(RewardComponent.MaskIoU)] } });

    private static Scored[] Score(MLContext context, DistributionRankedRewardScorer scorer, params Query[] queries) =>
        [.. context.Data.CreateEnumerable<Scored>(scorer.Transform(context.Data.LoadFromEnumerable(queries)), reuseRowObject: false)];

    [Test]
    public void WithinTheGroupRowsGetRewardsPlacesAndMetrics()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { OfWidths(5, 10, null, 5) });
        var scored = Score(context, Estimator(context).Fit(data), OfWidths(5, 10, null, 5), OfWidths(2), OfWidths());
        Assert.Multiple(() =>
        {
            Assert.That(scored[0].Reward, Is.EqualTo(new[] { .5f, .875f, 0, .5f }));
            Assert.That(scored[0].Rank, Is.EqualTo(new[] { 2.5f, 1, 4, 2.5f }));
            Assert.That(scored[0].MaskIoU, Is.EqualTo(new[] { .5f, 1, float.NaN, .5f }));
            Assert.That(scored[0].Dice[0], Is.EqualTo(2 / 3f).Within(1e-6));
            Assert.That(scored[1].Reward, Is.EqualTo(new[] { .5f }));
            Assert.That(scored[2].Reward, Is.Empty);
        });
    }

    [Test]
    public void FittingLearnsTheWindowAndTransformingLeavesItAlone()
    {
        var context = new MLContext(1);
        var training = context.Data.LoadFromEnumerable(new[] { OfWidths(2, 4, null), OfWidths(6, 8) });
        var scorer = Estimator(context, RankedRewardMode.ReferenceWindow).Fit(training);
        var before = scorer.SaveState()[RewardComponent.MaskIoU];
        var scored = Score(context, scorer, OfWidths(4, 5, null), OfWidths(10));
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(new[] { .2, .4, .6, .8 }));
            Assert.That(scored[0].Reward, Is.EqualTo(new[] { .375f, .5f, 0 }));
            Assert.That(scored[1].Reward, Is.EqualTo(new[] { 1f }));
            Assert.That(scorer.SaveState()[RewardComponent.MaskIoU], Is.EqualTo(before));
        });
    }

    [Test]
    public void AScorerPutTogetherFromItsStateScoresTheSame()
    {
        var context = new MLContext(1);
        var options = new DistributionRankedRewardEstimator.Options { Reward = new() { Mode = RankedRewardMode.ReferenceWindow } };
        var scorer = new DistributionRankedRewardEstimator(context, options).Fit(context.Data.LoadFromEnumerable(new[] { OfWidths(2, 4, 9), OfWidths(6, 8, 1) }));
        var again = new DistributionRankedRewardScorer(options, scorer.SaveState());
        Assert.That(Score(context, again, OfWidths(1, 3, 7))[0].Reward, Is.EqualTo(Score(context, scorer, OfWidths(1, 3, 7))[0].Reward));
    }

    [Test]
    public void SlotsAreNamedWhereEveryQueryHasAsManyCandidates()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { OfWidths(5, 10) });
        var scorer = new DistributionRankedRewardEstimator(context, new() { CandidateCount = 2 }).Fit(data);
        var schema = scorer.GetOutputSchema(data.Schema);
        Assert.Multiple(() =>
        {
            foreach (var name in new[] { "Reward", "Rank", "MaskIoU", "BoxL1Score" })
            {
                VBuffer<ReadOnlyMemory<char>> slots = default;
                schema[name].GetSlotNames(ref slots);
                Assert.That(slots.DenseValues().Select(slot => slot.ToString()), Is.EqualTo(new[] { "Candidate0", "Candidate1" }));
            }
            Assert.That(Score(context, scorer, OfWidths(5, 10))[0].Rank, Is.EqualTo(new[] { 2f, 1 }));
            Assert.That(() => Score(context, scorer, OfWidths(5, 10, 7)), Throws.InvalidOperationException.With.Message.Contains("has 3 candidates").And.Message.Contains("CandidateCount is 2"));
            Assert.That(() => new DistributionRankedRewardEstimator(context, new() { CandidateCount = -1 }), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(Estimator(context).Fit(data).GetOutputSchema(data.Schema)["Reward"].HasSlotNames(), Is.False);
        });
    }

    [Test]
    public void ItWorksInAPipelineAndInAPredictionEngine()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { OfWidths(5, 10) });
        var model = context.Transforms.CopyColumns("Truth", "Mask").Append(Estimator(context)).Fit(data);
        using var engine = context.Model.CreatePredictionEngine<Query, Scored>(model);
        Assert.Multiple(() =>
        {
            Assert.That(engine.Predict(OfWidths(5, 10)).Reward, Is.EqualTo(new[] { .25f, .75f }));
            Assert.That(engine.Predict(OfWidths(9, 3, 6)).Rank, Is.EqualTo(new[] { 1f, 3, 2 }));
            Assert.That(model.GetOutputSchema(data.Schema).Select(column => column.Name), Is.SupersetOf(new[] { "Truth", "Reward", "Rank", "MaskIoU", "Dice", "AveragePrecision", "BoxIoU", "PointScore", "CountScore", "BoundaryIoU", "BoxL1Score" }));
        });
    }

    [Test]
    public void NothingIsMeasuredBeforeACursorMoves()
    {
        var context = new MLContext(1);
        var scorer = Estimator(context).Fit(context.Data.LoadFromEnumerable(new[] { OfWidths(5) }));
        var view = scorer.Transform(context.Data.LoadFromEnumerable(new[] { new Query { Mask = Strip(10) } }));
        Assert.That(view.Schema["Reward"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single)));
        Assert.That(() => context.Data.CreateEnumerable<Scored>(view, false).ToArray(), Throws.InvalidOperationException.With.Message.Contains("Row 0").And.Message.Contains("'Candidates'"));
    }

    [Test]
    public void BadColumnsAndRowsAreNamed()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { OfWidths(5) });
        var scorer = Estimator(context).Fit(data);
        var otherSize = OfWidths(5);
        otherSize.Mask = SegmentationMask.Empty(7, 9);
        var window = Estimator(context, RankedRewardMode.ReferenceWindow);
        Assert.Multiple(() =>
        {
            Assert.That(() => new DistributionRankedRewardEstimator(context, new() { MaskColumnName = "Label" }).Fit(data), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Label'").And.Message.Contains("Candidates, Mask"));
            Assert.That(() => new DistributionRankedRewardEstimator(context, new() { MaskColumnName = "Candidates" }).Fit(data), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("must hold SegmentationMask"));
            Assert.That(() => context.Transforms.CopyColumns("A", "Mask").Append(new DistributionRankedRewardEstimator(context, new() { MaskColumnName = "Label" })).Fit(data), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Label'"));
            Assert.That(() => Score(context, scorer, OfWidths(5), otherSize), Throws.InvalidOperationException.With.Message.Contains("Row 1: candidate 0 is 100 x 100").And.Message.Contains("7 x 9"));
            Assert.That(() => window.Fit(context.Data.LoadFromEnumerable(new[] { OfWidths(null, null) })), Throws.InvalidOperationException.With.Message.Contains("1 rows hold 2 candidates, of which 2 failed"));
            Assert.That(() => window.Fit(context.Data.LoadFromEnumerable(Array.Empty<Query>())), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void ColumnsWithoutANameOfTheirOwnAreRefused()
    {
        var context = new MLContext(1);
        var state = new Dictionary<RewardComponent, double[]>();
        (DistributionRankedRewardEstimator.Options, string)[] cases =
        [
            (new() { RankColumnName = "Reward" }, "'Reward'"),
            (new() { RewardColumnName = "" }, "RewardColumnName"),
            (new() { CandidatesColumnName = null! }, "CandidatesColumnName"),
            (new() { RewardColumnName = "TheDice", MetricColumnPrefix = "The" }, "'TheDice'"),
        ];
        foreach (var (options, said) in cases)
        {
            Assert.That(() => new DistributionRankedRewardEstimator(context, options), Throws.ArgumentException.With.Message.Contains(said));
            Assert.That(() => new DistributionRankedRewardScorer(options, state), Throws.ArgumentException.With.Message.Contains(said));
        }
    }

    [Test]
    public void OptionsThatAreChangedLaterChangeNothing()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { OfWidths(5, 10) });
        var options = new DistributionRankedRewardEstimator.Options();
        var estimator = new DistributionRankedRewardEstimator(context, options);
        var scorer = estimator.Fit(data);
        var again = new DistributionRankedRewardScorer(options, scorer.SaveState());
        options.RewardColumnName = "Other";
        Assert.That(estimator.Fit(data).GetOutputSchema(data.Schema).GetColumnOrNull("Reward"), Is.Not.Null);
        Assert.That(scorer.GetOutputSchema(data.Schema).GetColumnOrNull("Reward"), Is.Not.Null);
        Assert.That(again.GetOutputSchema(data.Schema).GetColumnOrNull("Reward"), Is.Not.Null);
    }

    [Test]
    public void AWindowThatIsNullIsRefused()
    {
        var options = new DistributionRankedRewardEstimator.Options { Reward = new() { Mode = RankedRewardMode.ReferenceWindow, Components = [new(RewardComponent.MaskIoU)] } };
        Assert.That(() => new DistributionRankedRewardScorer(options, new Dictionary<RewardComponent, double[]> { [RewardComponent.MaskIoU] = null! }),
            Throws.ArgumentException.With.Message.Contains("no window of MaskIoU"));
    }

    [Test]
    public void FittingTellsTheLog()
    {
        var context = new MLContext(1);
        var lines = new List<string>();
        context.Log += (_, entry) => lines.Add(entry.Message);
        Estimator(context, RankedRewardMode.ReferenceWindow).Fit(context.Data.LoadFromEnumerable(new[] { OfWidths(2, null, 4) }));
        Assert.That(lines, Has.Some.Contains("2 candidates of 1 queries; 1 failed"));
    }
}
