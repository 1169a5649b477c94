using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class LookToConfirmEstimatorTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    private sealed class Unlabelled
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        public string? Query { get; set; }
    }

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private LookToConfirmEstimator Estimator(Action<LookToConfirmEstimator.Options>? change = null)
    {
        var options = new LookToConfirmEstimator.Options { Model = _model };
        change?.Invoke(options);
        return _context.DrSeg().LookToConfirm(options);
    }

    private IDataView Rows(int count) => _context.Data.LoadFromEnumerable(QueryRow.Many(count));

    [Test]
    public void TheThresholdIsTheGivenOneElseLearnedElseTheModels()
    {
        IDataView unlabelled = _context.Data.LoadFromEnumerable(TinyModel.Examples(3).Select(example => new Unlabelled { Image = example.Image.ToMLImage(), Query = example.Query }));
        _model.Threshold = 0.123f;
        Assert.That(Estimator().Fit(unlabelled).Threshold, Is.EqualTo(0.123f));
        Assert.That(Estimator(options => options.Threshold = 0.7f).Fit(Rows(3)).Threshold, Is.EqualTo(0.7f));
        // Learned: the same that the gatherer of the same rows teaches, and none where looking costs more than any gain.
        SegmentationExample[] examples = TinyModel.Examples(20);
        var learning = new ThresholdLearning(_model, new LookToConfirmOptions(), seed: 1);
        learning.Add(examples);
        Assert.That(Estimator().Fit(Rows(20)).Threshold, Is.EqualTo(learning.Threshold(0.01f)));
        Assert.That(Estimator(options => options.SecondLookCost = 2).Fit(Rows(20)).Threshold, Is.Zero);
        Assert.That(Estimator(options => options.SecondLookCost = -2).Fit(Rows(20)).Threshold, Is.Positive);
    }

    [Test]
    public void LearningReadsNoMoreRowsThanAskedAndCanBeCancelled()
    {
        static IEnumerable<QueryRow> Source()
        {
            for (int i = 0; i < 7; i++) yield return QueryRow.Of(TinyModel.Example(i));
            throw new InvalidOperationException("read too far");
        }
        Assert.That(() => Estimator(options => options.ThresholdRows = 7).Fit(_context.Data.LoadFromEnumerable(Source())), Throws.Nothing);
        Assert.That(() => Estimator(options => options.CancellationToken = new CancellationToken(canceled: true)).Fit(Rows(3)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void PredictionsAreWhole([Values(0f, float.PositiveInfinity)] float threshold)
    {
        Prediction[] predictions = Prediction.Of(_context, Estimator(options => options.Threshold = threshold).Fit(Rows(1)).Transform(Rows(12)));
        Assert.That(predictions.Any(prediction => prediction.SecondLook), Is.EqualTo(threshold > 0));
        foreach (Prediction prediction in predictions)
        {
            Assert.That((prediction.PredictedMask.Width, prediction.PredictedMask.Height), Is.EqualTo((TinyModel.Side, TinyModel.Side)));
            Assert.That(prediction.PredictedBox, Has.Length.EqualTo(4).And.All.InRange(0f, TinyModel.Side));
            Assert.That(prediction.Confidence, Is.InRange(0f, 1f));
            Assert.That(prediction.ConfidenceMap, Has.Length.EqualTo(4).And.All.InRange(0f, 1f));
            Assert.That(prediction.ConfidenceRegion, Has.Length.EqualTo(4));
            int first = new LookToConfirmEstimator.Options().FirstLookAnswers;
            Assert.That(prediction.Hypotheses, Is.AtLeast(first));
            Assert.That(prediction.Hypotheses > first, Is.EqualTo(prediction.SecondLook));
        }
    }

    /// <summary>None of them is what a step before it said of the answer that was not confirmed.</summary>
    [Test]
    public void EveryColumnIsOfTheConfirmedAnswerAndTheFirstOneHasItsOwn()
    {
        QueryRow[] rows = QueryRow.Many(24);
        // Not disposed: it would take the model along, which others use.
        var trained = new GrpoSegmentationTransformer(_model);
        IDataView view = _context.Data.LoadFromEnumerable(rows);
        Prediction[] greedy = Prediction.Of(_context, trained.Transform(view));
        Prediction[] confirmed = Prediction.Of(_context, Estimator(options => options.Threshold = 2).Fit(view).Transform(trained.Transform(view)));
        for (int i = 0; i < rows.Length; i++)
        {
            (Prediction before, Prediction after) = (greedy[i], confirmed[i]);
            Assert.That(after.FirstMask, Is.EqualTo(before.PredictedMask));
            Assert.That(after.FirstAnswer, Is.EqualTo(before.Answer));
            Assert.That(after.Score, Is.EqualTo(after.Confidence));
            Assert.That(after.FirstScore, Is.InRange(0f, after.Score), "the most plausible is no less sure");
            // The answer says its point in whole pixels.
            if (after.PredictedMask.Area > 0)
                Assert.That(after.Answer, Does.Contain(System.FormattableString.Invariant($"\"point_2d\":[{after.PredictedPoint[0]:0},{after.PredictedPoint[1]:0}]")));
        }
        Assert.That(confirmed.Zip(greedy).Count(pair => pair.First.Answer != pair.Second.Answer), Is.Positive, "some answer changed");
    }

    [Test]
    public void WhatARowGetsDependsOnTheSeedAndNotOnItsPlace()
    {
        LookToConfirmTransformer Fit(int seed) => Estimator(options => (options.Threshold, options.FirstLookAnswers, options.Seed) = (0, 8, seed)).Fit(Rows(1));
        string[] Texts(LookToConfirmTransformer fitted, QueryRow[] of) => [.. Prediction.Of(_context, fitted.Transform(_context.Data.LoadFromEnumerable(of))).Select(prediction => prediction.ToString())];
        LookToConfirmTransformer fitted = Fit(seed: 1);
        QueryRow[] rows = QueryRow.Many(20);
        string[] straight = Texts(fitted, rows);
        Assert.That(Texts(fitted, [.. rows.Reverse()]).Reverse(), Is.EqualTo(straight));
        Assert.That(Texts(Fit(seed: 2), rows), Is.Not.EqualTo(straight));
        using var engine = _context.Model.CreatePredictionEngine<QueryRow, Prediction>(fitted);
        Assert.That(rows.Concat(rows).Select(row => engine.Predict(row).ToString()), Is.EqualTo(straight.Concat(straight)));
    }

    [Test]
    public void WhereEveryAnswerFailsTheRowIsEmpty()
    {
        using DrSegModel fresh = TinyModel.Fresh();
        LookToConfirmTransformer fitted = Estimator(options => (options.Model, options.Threshold, options.FirstLookAnswers) = (fresh, 1, 1)).Fit(Rows(1));
        Prediction[] failed = [.. Prediction.Of(_context, fitted.Transform(Rows(8))).Where(prediction => prediction.Confidence == 0)];
        Assert.That(failed, Is.Not.Empty);
        foreach (Prediction prediction in failed)
        {
            Assert.That(prediction.PredictedMask, Is.EqualTo(SegmentationMask.Empty(TinyModel.Side, TinyModel.Side)));
            Assert.That(prediction.PredictedBox.Concat(prediction.ConfidenceMap).Concat(prediction.ConfidenceRegion), Has.All.Zero);
        }
    }

    [Test]
    public void WithoutAModelBothWaysToOneAreNamed()
    {
        LookToConfirmEstimator alone = Estimator(options => options.Model = null);
        Assert.That(() => alone.Fit(Rows(1)), ThrowsNoModel());
        Assert.That(() => _context.Transforms.CopyColumns("Copy", "Query").Append(alone).Fit(Rows(1)), ThrowsNoModel());

        static NUnit.Framework.Constraints.ContainsConstraint ThrowsNoModel() =>
            Throws.InvalidOperationException.With.Message.Contains("Trainers.GrpoSegmentation").And.Message.Contains("Options.Model");
    }

    [Test]
    public void BadColumnsAndOptionsAreNamed()
    {
        IEstimator<ITransformer> After(Action<LookToConfirmEstimator.Options> change) => _context.Transforms.CopyColumns("Copy", "Query").Append(Estimator(change));
        Assert.Multiple(() =>
        {
            Assert.That(() => After(options => options.ImageColumnName = "Picture").Fit(Rows(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Picture'"));
            Assert.That(() => After(options => options.LabelColumnName = "Copy").Fit(Rows(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Copy'").And.Message.Contains("SegmentationMask"));
            Assert.That(() => Estimator().Fit(Rows(0)), Throws.InvalidOperationException.With.Message.Contains("data are empty"));
            Assert.That(() => Estimator(options => options.FirstLookAnswers = 0), Throws.InstanceOf<ArgumentException>().With.Message.Contains("FirstLookAnswers"));
            Assert.That(() => Estimator(options => options.Temperature = 0), Throws.InstanceOf<ArgumentException>().With.Message.Contains("Temperature"));
            Assert.That(() => Estimator(options => options.Threshold = float.NaN), Throws.InstanceOf<ArgumentException>().With.Message.Contains("Threshold"));
            Assert.That(() => Estimator(options => options.ThresholdRows = 0), Throws.InstanceOf<ArgumentException>().With.Message.Contains("ThresholdRows"));
            Assert.That(() => Estimator(options => options.SecondLookCost = float.NaN), Throws.InstanceOf<ArgumentException>().With.Message.Contains("SecondLookCost"));
            Assert.That(() => Estimator(options => options.HypothesesColumnName = "Confidence"), Throws.InstanceOf<ArgumentException>().With.Message.Contains("ConfidenceColumnName and HypothesesColumnName"));
        });
    }
}
