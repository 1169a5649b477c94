using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class HypothesisChoiceTests
{
    // IoU .2 .5 .9 .4; the first two from the first look, of which the second is the more plausible.
    private static readonly EvaluatedQuery Query = new(7,
    [
        Hypothesis(2, 0.3f, -1, 0), Hypothesis(5, 0.6f, -4, 0), Hypothesis(9, 0.5f, -3, 1), Hypothesis(4, 0.7f, -2, 2),
    ], Provisional: 1);

    [Test]
    public void EachRuleTakesWhatItsNameSays()
    {
        Assert.That(HypothesisChoice.Greedy(Query), Is.EqualTo(0));
        Assert.That(HypothesisChoice.FirstLook(Query), Is.EqualTo(1));
        Assert.That(HypothesisChoice.Always(Query), Is.EqualTo(3));
        Assert.That(HypothesisChoice.MostProbable(Query), Is.EqualTo(0));
        Assert.That(HypothesisChoice.Perfect(Query), Is.EqualTo(2));
    }

    [TestCase(0.6f, 1)]
    [TestCase(0.61f, 3)]
    public void TheThresholdLooksAgainBelowIt(float threshold, int expected) =>
        Assert.That(HypothesisChoice.BelowThreshold(threshold)(Query), Is.EqualTo(expected));

    [Test]
    public void RandomRulesDependOnSeedAndQueryAlone()
    {
        Func<EvaluatedQuery, int> any = HypothesisChoice.AnyOf(seed: 3);
        int[] choices = [.. Enumerable.Range(0, 4000).Select(id => any(Query with { Id = id }))];
        Assert.That(choices, Is.EqualTo(Enumerable.Range(0, 4000).Select(id => HypothesisChoice.AnyOf(3)(Query with { Id = id }))));
        for (int i = 0; i < 4; i++)
            Assert.That(choices.Count(choice => choice == i), Is.EqualTo(1000).Within(120));
    }

    [Test]
    public void LookingAgainAtARandomRateMeetsTheRate()
    {
        Func<EvaluatedQuery, int> rule = HypothesisChoice.AtRandomRate(0.3, seed: 1);
        Assert.That(Enumerable.Range(0, 4000).Count(id => rule(Query with { Id = id }) == 3), Is.EqualTo(1200).Within(120));
    }

    private static EvaluatedHypothesis Hypothesis(long intersection, float confidence, double logProbability, int look) =>
        new(new QueryResult(0, intersection, 10), confidence, confidence, logProbability, look);
}
