using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class HypothesisEvaluationTests
{
    /// <summary>Every hypothesis is counted and its boxes matched, where a policy says several objects or none.</summary>
    [Test]
    public void EvaluationCountsObjectsAndMatchesBoxes()
    {
        using DrSegModel model = TinyModel.TrainedLists();
        SegmentationExample[] examples = [.. Enumerable.Range(50_000, 40).Select(i => TinyModel.Several(i))];
        EvaluatedQuery[] queries = HypothesisEvaluation.Run(
            new LookToConfirmLoop(model), TinyModel.Nouns, index => examples[index], examples.Length, new LookToConfirmOptions { FirstLookAnswers = 2 }, seed: 1);
        using var look = Look.Take(
            model.Policy, model.Segmenter, [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))], 1, AnswerSampling.Greedy);
        for (int i = 0; i < examples.Length; i++)
        {
            QueryResult greedy = queries[i].Hypotheses[0].Overlap;
            SegmentedObject[] wanted = [.. examples[i].Objects.Select(SegmentedObject.Of)];
            var expected = CandidateMetrics.Measure(look.Answers[i][0], look.Masks[i][0], new GroundTruth(examples[i].Mask, examples[i].Objects));
            Assert.That(greedy.IsCountRight, Is.EqualTo(look.Answers[i][0].Objects?.Count == wanted.Length));
            Assert.That(greedy.MatchedBoxIoU, Is.EqualTo(expected.BoxIoU).Within(1e-12));
        }
        Assert.That(queries.SelectMany(query => query.Hypotheses).Select(hypothesis => hypothesis.Overlap.IsCountRight).Distinct(), Is.EquivalentTo(new bool?[] { true, false }), "some right, some wrong");
    }
}
