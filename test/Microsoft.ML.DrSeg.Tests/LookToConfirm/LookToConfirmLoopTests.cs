using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.LookToConfirm;

public class LookToConfirmLoopTests
{
    private const int Queries = 12;
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private LookToConfirmResult[] Run(LookToConfirmOptions options, ulong seed = 1)
    {
        SegmentationQuery[] queries = [.. TinyModel.Examples(Queries).Select(example => TinyModel.QueryOf(_model, example))];
        using LookToConfirmSession session = new LookToConfirmLoop(_model).Run(queries, options, seed);
        return [.. session.Results];
    }

    [Test]
    public void AThresholdOfZeroNeverLooksTwice()
    {
        LookToConfirmResult[] results = Run(new() { Threshold = 0, FirstLookAnswers = 4 });
        // A failed first look has a confidence below every threshold, but also no proposal to look at.
        Assert.That(results.Select(result => result.LookedAgain), Has.All.False);
        Assert.That(results.Select(result => result.Hypotheses.Count), Has.All.EqualTo(4));
        Assert.That(results.Select(result => result.Chosen), Is.EqualTo(results.Select(result => result.Provisional)));
    }

    [Test]
    public void AThresholdAboveEveryConfidenceAlwaysLooksTwice()
    {
        LookToConfirmResult[] results = Run(new() { Threshold = float.PositiveInfinity });
        foreach (LookToConfirmResult result in results)
            Assert.That(result.LookedAgain, Is.EqualTo(result.Hypotheses.Any(hypothesis => hypothesis.Look == 0 && hypothesis.Mask is not null)));
        Assert.That(results.Count(result => result.LookedAgain), Is.GreaterThan(Queries / 2));
    }

    [Test]
    public void AThresholdBetweenLooksAgainWhereConfidenceIsBelowIt()
    {
        float[] confidences = [.. Run(new()).Select(result => result.Hypotheses[result.Provisional].Confidence).Where(confidence => confidence >= 0).Order()];
        float threshold = confidences[confidences.Length / 2];
        foreach (LookToConfirmResult result in Run(new() { Threshold = threshold }))
        {
            float confidence = result.Hypotheses[result.Provisional].Confidence;
            Assert.That(result.LookedAgain, Is.EqualTo(confidence >= 0 && confidence < threshold));
        }
    }

    [Test]
    public void TheChosenHypothesisHasTheHighestConfidence()
    {
        foreach (LookToConfirmResult result in Run(new() { Threshold = float.PositiveInfinity }))
        {
            Assert.That(result.Hypotheses[result.Chosen].Confidence, Is.EqualTo(result.Hypotheses.Max(hypothesis => hypothesis.Confidence)));
            Assert.That(result.Hypotheses[result.Provisional].Confidence, Is.EqualTo(result.Hypotheses.Where(hypothesis => hypothesis.Look == 0).Max(hypothesis => hypothesis.Confidence)));
            Assert.That(result.Hypotheses.Where(hypothesis => hypothesis.Mask is not null).Select(hypothesis => hypothesis.Confidence), Has.All.InRange(0f, 1f));
            Assert.That(result.Hypotheses.Where(hypothesis => hypothesis.Mask is null).Select(hypothesis => hypothesis.Confidence), Has.All.Negative);
        }
    }

    [Test]
    public void AQuerysResultDoesNotDependOnItsBatchAndTheSeedFixesIt()
    {
        var options = new LookToConfirmOptions { Threshold = float.PositiveInfinity };
        LookToConfirmResult[] together = Run(options);
        for (int i = 0; i < Queries; i++)
        {
            using LookToConfirmSession session = new LookToConfirmLoop(_model).Run([TinyModel.QueryOf(_model, TinyModel.Example(i))], options, 1);
            Assert.That(session.Results[0].Hypotheses.Select(Text), Is.EqualTo(together[i].Hypotheses.Select(Text)));
        }
        Assert.That(Run(options, seed: 2).SelectMany(result => result.Hypotheses.Select(Text)), Is.Not.EqualTo(together.SelectMany(result => result.Hypotheses.Select(Text))));

        static string Text(Hypothesis hypothesis) => $"{hypothesis.Look}: {string.Join(" ", hypothesis.Generated.Tokens)}";
    }

    private LookToConfirmResult RunSaid(SaidPolicy policy, int answers, float margin = 0)
    {
        SegmentationQuery query = TinyModel.QueryOf(_model, TinyModel.Example(3));
        var loop = new LookToConfirmLoop(policy, _model.Segmenter, _model.Confirmation);
        using LookToConfirmSession session = loop.Run([query], new() { Threshold = float.PositiveInfinity, FirstLookAnswers = answers, CloserViews = 4, AnswersPerCloserView = 1, NothingMargin = margin }, 1);
        return session.Results[0];
    }

    [Test]
    public void ACloserViewLiesAroundAllObjectsTogether()
    {
        using var policy = new SaidPolicy((_, _) => SaidPolicy.Boxes(new(2, 2, 10, 10), new(20, 14, 30, 22)));
        LookToConfirmResult result = RunSaid(policy, answers: 1);
        Assert.That(policy.Asked, Has.Count.EqualTo(2));
        Assert.That(policy.Asked[1].View.Region, Is.EqualTo(ImageView.Around(policy.Asked[1].View.Image, new(2, 2, 30, 22), result.Hypotheses[0].Mask!).Region));
        Assert.That(policy.Asked[1].View.Provisional, Is.EqualTo(result.Hypotheses[0].Mask));
        Assert.That(result.Hypotheses[0].Generated.Objects!.Select(one => one.Mask!).Aggregate((all, mask) => all.Union(mask)), Is.EqualTo(result.Hypotheses[0].Mask));
    }

    [Test]
    public void NothingIsConfirmedOverTheWholeImageAndShowsNoPlaceToLookCloserAt()
    {
        using var policy = new SaidPolicy((_, _) => SaidPolicy.Boxes());
        LookToConfirmResult result = RunSaid(policy, answers: 2);
        Assert.That((policy.Asked.Count, result.LookedAgain, result.Chosen), Is.EqualTo((1, false, 0)));
        Hypothesis chosen = result.Hypotheses[0];
        Assert.That(chosen.Mask, Is.EqualTo(SegmentationMask.Empty(TinyModel.Side, TinyModel.Side)));
        Assert.That(chosen.Confidence, Is.InRange(0f, 1f));
        Assert.That(chosen.Confirmation!.Map.Region, Is.EqualTo(new BoundingBox(0, 0, TinyModel.Side, TinyModel.Side)));
    }

    [Test]
    public void NothingIsChosenWhereItIsSurerByTheMargin()
    {
        // To the first prompt a failure, nothing and a proposal; to the closer view of the proposal, nothing.
        using var policy = new SaidPolicy((prompt, place) => (prompt.Look, place) switch
        {
            (0, 0) => SaidPolicy.Failed,
            (0, 2) => SaidPolicy.Boxes(new BoundingBox(4, 4, 12, 12)),
            _ => SaidPolicy.Boxes(),
        });
        LookToConfirmResult result = RunSaid(policy, answers: 3);
        Assert.That(result.Hypotheses.Select(hypothesis => (hypothesis.Look, hypothesis.Generated.Objects?.Count)), Is.EqualTo(new (int, int?)[] { (0, null), (0, 0), (0, 1), (1, 0) }));
        Assert.That(result.Hypotheses[0].Confidence, Is.EqualTo(-1));
        Assert.That(result.Hypotheses[3].Confidence, Is.EqualTo(result.Hypotheses[1].Confidence).Within(1e-5), "the same mask over the same image");
        float nothing = result.Hypotheses[1].Confidence, something = result.Hypotheses[2].Confidence;
        Assert.That(result.Provisional, Is.EqualTo(nothing >= something ? 1 : 2));
        float lead = nothing - something;
        Assert.That((RunSaid(policy, 3, lead - 1e-3f).Provisional, RunSaid(policy, 3, lead + 1e-3f).Provisional), Is.EqualTo((1, 2)));
    }

    [Test]
    public void FreshWeightsFailEverywhereAndGetNoSecondLook()
    {
        using DrSegModel fresh = TinyModel.Fresh();
        SegmentationQuery[] queries = [.. TinyModel.Examples(4).Select(example => TinyModel.QueryOf(fresh, example))];
        using LookToConfirmSession session = new LookToConfirmLoop(fresh).Run(queries, new() { Threshold = float.PositiveInfinity, FirstLookAnswers = 1 }, 1);
        foreach (LookToConfirmResult result in session.Results.Where(result => result.Hypotheses[0].Mask is null))
            Assert.That((result.LookedAgain, result.Chosen, result.Hypotheses[0].Confidence), Is.EqualTo((false, 0, -1f)));
    }
}
