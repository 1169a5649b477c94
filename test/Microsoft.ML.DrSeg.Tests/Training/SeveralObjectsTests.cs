using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Training.Runs;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>A compact policy of up to three objects, from its warm-up to a step of training.</summary>
public class SeveralObjectsTests
{
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.TrainedLists();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private static SegmentationExample[] Examples(int count) => [.. Enumerable.Range(50_000, count).Select(i => TinyModel.Several(i))];

    private static Look TakeLook(DrSegModel model, SegmentationExample[] examples, int answers, AnswerSampling sampling) => Look.Take(
        model.Policy, model.Segmenter, [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))], answers, sampling);

    [Test]
    public void TheWarmUpTeachesListsAndThatNothingIsThere()
    {
        SegmentationExample[] examples = Examples(200);
        using Look look = TakeLook(_model, examples, 1, AnswerSampling.Greedy);
        CandidateMetrics[] measured = [.. examples.Select((example, i) => CandidateMetrics.Measure(look.Answers[i][0], look.Masks[i][0], new GroundTruth(example.Mask, example.Objects)))];
        int[] counts = [.. look.Answers.Select(answers => answers[0].Objects?.Count ?? -1)];
        double right = examples.Zip(counts).Average(pair => pair.First.Objects.Count == pair.Second ? 1.0 : 0);
        double absent = examples.Zip(counts).Where(pair => pair.First.Objects.Count == 0).Average(pair => pair.Second == 0 ? 1.0 : 0);
        TestContext.Out.WriteLine($"count right {right:0.00}, absent {absent:0.00}, failed {measured.Average(m => m.IsFailed ? 1.0 : 0):0.00}, box IoU {measured.Average(m => m.BoxIoU):0.00}, mask IoU {measured.Average(m => m.MaskIoU):0.00}");
        Assert.Multiple(() =>
        {
            Assert.That(counts.Distinct().Count(count => count >= 0), Is.GreaterThan(2), "lists of several lengths");
            // By chance a quarter each.
            Assert.That(right, Is.GreaterThan(0.5));
            Assert.That(absent, Is.GreaterThan(0.5));
            Assert.That(measured.Average(metrics => metrics.IsFailed ? 1.0 : 0), Is.LessThan(0.2));
        });
    }

    [Test]
    public void AnswersAreDrawnByPromptAndPlaceAlone()
    {
        SegmentationExample[] examples = Examples(6);
        var sampling = new AnswerSampling(1f, FirstGreedy: false, Seed: 3);
        using Look together = TakeLook(_model, examples, 4, sampling), reversed = TakeLook(_model, [.. examples.Reverse()], 4, sampling);
        string[] Texts(GeneratedAnswer[] answers) => [.. answers.Select(answer => string.Join(' ', answer.Tokens))];
        for (int i = 0; i < examples.Length; i++)
        {
            using Look alone = TakeLook(_model, [examples[i]], 4, sampling);
            Assert.That(Texts(together.Answers[i]), Is.EqualTo(Texts(alone.Answers[0])));
            Assert.That(Texts(reversed.Answers[^(i + 1)]), Is.EqualTo(Texts(alone.Answers[0])));
            Assert.That(together.Masks[i], Is.EqualTo(alone.Masks[0]));
        }
        Assert.That(together.Answers.SelectMany(answers => answers).Select(answer => answer.Objects?.Count).Distinct().Count(), Is.GreaterThan(2), "lists of several lengths");
    }

    [Test]
    public void ItTrainsOnAllComponentsWithLooksAndWithout([Values] bool looks)
    {
        using DrSegModel trained = _model.Clone();
        float[] before = TinyModel.PolicyWeights(trained);
        RewardComponent[] components =
        [
            RewardComponent.BoxIoU, RewardComponent.CountScore, RewardComponent.PointScore, RewardComponent.BoxL1Score,
            RewardComponent.MaskIoU, RewardComponent.Dice, RewardComponent.AveragePrecision, RewardComponent.BoundaryIoU,
        ];
        var reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Components = [.. components.Select(component => new WeightedComponent(component))] });
        using var loop = new GrpoLoop(trained, new()
        {
            Steps = 2,
            Sampling = new()
            {
                GroupSize = 4,
                LookToConfirm = looks ? new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = float.PositiveInfinity } : null,
            },
        }, reward);
        int answered = 0;
        for (int step = 0; step < 2; step++)
        {
            GrpoStepMetrics metrics = loop.Step(Examples(8), inspect: (rollout, scored) =>
            {
                answered += scored.Step.Answers.Count(answer => !answer.Metrics.IsFailed);
                for (int i = 0; i < rollout.Candidates.Count; i++)
                {
                    // "Nothing" said of an absent thing is worth everything; the one without the other nothing.
                    bool absent = rollout.Examples[rollout.Candidates[i].Query].Mask.Area == 0;
                    if (rollout.Candidates[i].Generated.Objects is { } said && (said.Count == 0 || absent))
                        Assert.That(components.Select(component => scored.Step.Answers[i].Metrics[component]), Is.All.EqualTo(said.Count == 0 && absent ? 1 : 0));
                }
            });
            Assert.That(metrics.ToDictionary().Values, Has.All.Not.NaN);
        }
        Assert.That(TinyModel.PolicyWeights(trained), Is.Not.EqualTo(before));
        Assert.That(reward.SaveState().Select(window => (window.Key, window.Value.Length)), Is.EquivalentTo(components.Select(component => (component, answered))), "every component has its window");
    }

    [Test]
    public void ValidationSaysHowOftenTheCountAndAbsentThingsAreRight()
    {
        SegmentationExample[] examples = Examples(40);
        using Look look = TakeLook(_model, examples, 1, AnswerSampling.Greedy);
        int?[] counts = [.. look.Answers.Select(answers => answers[0].Objects?.Count)];
        double[] right = [.. examples.Zip(counts, (example, count) => example.Objects.Count == count ? 1.0 : 0)];
        double[] absent = [.. right.Where((_, i) => examples[i].Objects.Count == 0)];

        ValidationMetrics found = Validate(examples);
        Assert.That(found.CountAccuracy, Is.EqualTo(right.Average()).Within(1e-12).And.GreaterThan(0).And.LessThan(1));
        Assert.That(found.AbsentAccuracy, Is.EqualTo(absent.Average()).Within(1e-12));
        Assert.That(Validate([.. examples.Where(example => example.Objects.Count > 0)]).AbsentAccuracy, Is.Null, "there are none");

        ValidationMetrics Validate(SegmentationExample[] heldOut) => new Validation(new ListedExamples(heldOut), new()).Run(_model, step: 1);
    }

    [Test]
    public void AnOneObjectPolicyCannotBeTaughtThatNothingIsThere() => Assert.That(
        () => Pretrainer.Train(TinyModel.ShapeOf(TinyModel.Nouns), TinyModel.Several, new() { BatchSize = 16, SegmenterSteps = 1, PolicySteps = 1 }),
        Throws.ArgumentException.With.Message.Contains("exactly 1 object, not 0").And.Message.Contains("MostObjects"));

    [Test]
    public void ItIsSavedAndLoadedWithItsLanguage()
    {
        using var folder = new TemporaryFolder();
        _model.Save(folder.File("lists.drseg"));
        using var loaded = DrSegModel.Load(folder.File("lists.drseg"));
        Assert.That(loaded.CompactPolicy.Shape.MostObjects, Is.EqualTo(TinyModel.MostObjects));
        Assert.That(loaded.Policy.LongestAnswer, Is.EqualTo(31));
        SegmentationExample[] examples = Examples(4);
        using Look expected = TakeLook(_model, examples, 1, AnswerSampling.Greedy), found = TakeLook(loaded, examples, 1, AnswerSampling.Greedy);
        Assert.That(found.Answers.Select(answers => answers[0].ToText()), Is.EqualTo(expected.Answers.Select(answers => answers[0].ToText())));
    }

    /// <summary>The columns have box and point of the first object, zeros where there is none, and the mask and text of all.</summary>
    [Test]
    public void RowsGetTheFirstObjectAndTheMaskOfAll([Values] bool looks)
    {
        var context = new MLContext(1);
        IDataView rows = context.Data.LoadFromEnumerable(Examples(12).Select(QueryRow.Of).ToArray());
        ITransformer answering = looks
            ? context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _model, Threshold = 2 }).Fit(rows)
            : new GrpoSegmentationTransformer(_model, ownsModel: false, new());
        Prediction[] predictions = Prediction.Of(context, answering.Transform(rows));
        Assert.That(predictions.Select(prediction => prediction.PredictedBox.All(side => side == 0)), Does.Contain(true).And.Contain(false));
        foreach (Prediction prediction in predictions)
        {
            if (prediction.PredictedBox.All(side => side == 0))
                Assert.That(prediction.PredictedMask.Area, Is.Zero);
            if (looks || AnswerParser.Parse(prediction.Answer, TinyModel.Side, TinyModel.Side) is not TextAnswer answer)
                continue;
            Assert.That(prediction.PredictedBox, Is.EqualTo(answer.Objects is [var first, ..] ? new[] { first.Box.X0, first.Box.Y0, first.Box.X1, first.Box.Y1 } : new float[4]));
        }
    }
}
