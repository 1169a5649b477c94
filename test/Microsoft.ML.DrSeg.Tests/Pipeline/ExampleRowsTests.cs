using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class ExampleRowsTests
{
    private static ExampleRows Rows(IEnumerable<QueryRow> rows) =>
        new(new MLContext().Data.LoadFromEnumerable(rows), "Image", "Query", "Mask", new QueryVocabulary(TinyModel.Nouns));

    [Test]
    public void OncePassesOverEveryRowInOrder()
    {
        SegmentationExample[] examples = [.. Rows(QueryRow.Many(5)).Once()];
        Assert.That(examples.Select(example => example.Id), Is.EqualTo(new long[] { 0, 1, 2, 3, 4 }));
        for (int i = 0; i < examples.Length; i++)
        {
            SegmentationExample expected = TinyModel.Example(i);
            Assert.That(examples[i].Image.Pixels, Is.EqualTo(expected.Image.Pixels));
            Assert.That((examples[i].Query, examples[i].Mask), Is.EqualTo((expected.Query, expected.Mask)));
        }
    }

    [Test]
    public void EndlessBeginsAgainAndCountsOn()
    {
        SegmentationExample[] examples = [.. Rows(QueryRow.Many(3)).Endless().Take(8)];
        Assert.That(examples.Select(example => example.Id), Is.EqualTo(Enumerable.Range(0, 8).Select(i => (long)i)));
        Assert.That(examples[7].Mask, Is.EqualTo(TinyModel.Example(1).Mask));
    }

    [Test]
    public void RowsAreReadOnlyAsFarAsTheyAreNeeded()
    {
        static IEnumerable<QueryRow> Source()
        {
            yield return QueryRow.Of(TinyModel.Example(0));
            yield return QueryRow.Of(TinyModel.Example(1));
            throw new InvalidOperationException("read too far");
        }
        Assert.That(Rows(Source()).Endless().Take(2).Count(), Is.EqualTo(2));
        Assert.That(() => Rows(Source()).Endless().Take(3).Count(), Throws.InvalidOperationException.With.Message.EqualTo("read too far"));
    }
}
