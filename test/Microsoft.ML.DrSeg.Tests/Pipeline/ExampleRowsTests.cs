using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class ExampleRowsTests
{
    private static ExampleRows Rows(IEnumerable<QueryRow> rows) =>
        new(new MLContext().Data.LoadFromEnumerable(rows), new GrpoSegmentationTrainer.Options(), CheckQuery);

    private static string? CheckQuery(string query) => new QueryVocabulary(TinyModel.Nouns).TryEncode(query, out _, out string? problem) ? null : problem;

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
        SegmentationExample[] examples = [.. Rows(QueryRow.Many(3)).Endless().Take(8).Select(read => read.Example)];
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

    [Test]
    public void ReadingGoesOnWhereAnotherEnded([Values(0, 3)] int poolSize, [Values(1, 5, 6, 7, 17)] int taken)
    {
        ExampleRows rows = Rows(QueryRow.Many(6));
        RowOrder? order = poolSize > 0 ? new RowOrder(seed: 3, poolSize) : null;
        (SegmentationExample Example, DataPosition After)[] whole = [.. rows.Endless(order: order).Take(25)];
        (SegmentationExample Example, DataPosition After)[] rest = [.. rows.Endless(whole[taken - 1].After, order).Take(25 - taken)];
        Assert.That(rest.Select(read => (read.Example.Id, read.Example.Mask, read.After)), Is.EqualTo(whole[taken..].Select(read => (read.Example.Id, read.Example.Mask, read.After))));
    }

    [Test]
    public void AShuffledPassHoldsEveryRowOnceInAnOrderOfItsOwn()
    {
        QueryRow[] source = QueryRow.Many(20);
        ExampleRows rows = Rows(source);
        int[][] Passes(int seed) => [.. rows.Endless(order: new RowOrder(seed, poolSize: 20)).Take(60)
            .Select(read => Array.FindIndex(source, row => ReferenceEquals(row.Mask, read.Example.Mask))).Chunk(20)];
        int[][] passes = Passes(1);
        foreach (int[] pass in passes) Assert.That(pass, Is.EquivalentTo(Enumerable.Range(0, 20)));
        Assert.That(passes[1], Is.Not.EqualTo(passes[0]));
        Assert.That(passes[2], Is.Not.EqualTo(passes[1]));
        Assert.That(Passes(1), Is.EqualTo(passes));
        Assert.That(Passes(2)[0], Is.Not.EqualTo(passes[0]));
    }

    [Test]
    public void BadRowsAreLeftOutCountedAndNamed([Values(0, 4)] int poolSize)
    {
        QueryRow[] source = QueryRow.Many(5);
        source[1].Mask = null;
        source[3].Query = "zebra";
        ExampleRows rows = Rows(source);
        RowOrder? order = poolSize > 0 ? new RowOrder(1, poolSize) : null;
        var told = new List<string>();
        (SegmentationExample Example, DataPosition After)[] read = [.. rows.Endless(default, order, skipBad: true, told.Add).Take(6)];
        Assert.That(read.Select(one => one.Example.Id), Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 5 }));
        Assert.That(read[^1].After.Skipped, Is.EqualTo(told.Count).And.GreaterThanOrEqualTo(2));
        Assert.That(told, Has.Some.Contains("no mask").And.Some.Contains("zebra"));
        // Whatever the order, a row is named by its place in the source.
        Assert.That(told, Has.Some.Contains("Row 3").And.Some.Contains("Row 1"));
        // Without leave, the first of them ends the reading, and says which row of the source it is.
        Assert.That(() => rows.Endless(default, order).Take(6).ToArray(), Throws.InvalidOperationException.With.Message.Contains("Row 1"));
    }

    [Test]
    public void WithoutAGoodRowReadingEnds()
    {
        QueryRow[] source = QueryRow.Many(3);
        foreach (QueryRow row in source) row.Mask = null;
        Assert.That(() => Rows(source).Endless(skipBad: true).First(), Throws.InvalidOperationException.With.Message.Contains("none of the 3 rows"));
        Assert.That(() => Rows([]).Endless(skipBad: true).First(), Throws.InvalidOperationException.With.Message.Contains("data are empty"));
    }

    /// <summary>A row whose objects are told apart.</summary>
    private sealed class ObjectsRow
    {
        [ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        public string Query { get; set; } = TinyModel.Nouns[0];

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList? Masks { get; set; }

        public static ObjectsRow Of(SegmentationMask mask, params SegmentationMask?[]? objects) => new()
        {
            Image = TinyModel.Example(0).Image.ToMLImage(), Mask = mask, Masks = objects is null ? null : new(objects),
        };
    }

    private static readonly SegmentationMask Nothing = SegmentationMask.Empty(TinyModel.Side, TinyModel.Side);
    private static readonly SegmentationMask Left = SegmentationMask.FromBox(new(0, 0, 4, 4), TinyModel.Side, TinyModel.Side);
    private static readonly SegmentationMask Right = SegmentationMask.FromBox(new(3, 2, 8, 6), TinyModel.Side, TinyModel.Side);
    private static readonly SegmentationMask Both = Left.Union(Right);

    private static ExampleRows Objects(string? column, params ObjectsRow[] rows) =>
        new(new MLContext().Data.LoadFromEnumerable(rows), new GrpoSegmentationTrainer.Options(), CheckQuery, column);

    [Test]
    public void ObjectsAreReadAndThoseWithoutAPixelLeftOut()
    {
        // The two overlap, which is no contradiction: data sets have such objects.
        SegmentationExample[] examples = [.. Objects("Masks",
            ObjectsRow.Of(Both, Left, Right), ObjectsRow.Of(Left, Nothing, Left), ObjectsRow.Of(Nothing), ObjectsRow.Of(Left, Left, Left)).Once()];
        Assert.That(examples.Select(example => example.Objects), Is.EqualTo(new SegmentationMask[][] { [Left, Right], [Left], [], [Left, Left] }));
    }

    [Test]
    public void WithoutAColumnOfThemAMaskIsOneObjectAndAnEmptyOneNone([Values(null, "Masks")] string? column)
    {
        ObjectsRow[] rows = [ObjectsRow.Of(Both, Left, Right), ObjectsRow.Of(Nothing)];
        SegmentationMask[][] whole = [[Both], []];
        Assert.That(Objects(null, rows).Once().Select(example => example.Objects), Is.EqualTo(whole));
        IDataView view = new MLContext().Data.LoadFromEnumerable(rows.Select(row => new QueryRow { Image = row.Image, Query = row.Query, Mask = row.Mask }));
        Assert.That(new ExampleRows(view, new GrpoSegmentationTrainer.Options(), CheckQuery, column).Once().Select(example => example.Objects), Is.EqualTo(whole));
    }

    [Test]
    public void ObjectsThatCannotBeAreNamedWithRowColumnAndRemedy()
    {
        string Refusal(params ObjectsRow[] rows) => Assert.Throws<InvalidOperationException>(() => _ = Objects("Masks", [ObjectsRow.Of(Left, Left), .. rows]).Once().ToArray())!.Message;
        Assert.Multiple(() =>
        {
            Assert.That(Refusal(ObjectsRow.Of(Left, (SegmentationMask?[]?)null)), Does.StartWith("Row 1: the column 'Masks' holds no list").And.Contain("empty list"));
            Assert.That(Refusal(ObjectsRow.Of(Left, Left, null)), Does.StartWith("Row 1: the column 'Masks' has no mask of object 1").And.Contain("ObjectsColumnName"));
            Assert.That(Refusal(ObjectsRow.Of(Left, SegmentationMask.Empty(7, 9))), Does.StartWith("Row 1: the column 'Masks'").And.Contain("7 x 9").And.Contain("'Mask' is 32 x 32").And.Contain("Resize"));
            // Too few, too many, others, and something where nothing is.
            Assert.That(Refusal(ObjectsRow.Of(Both, Left)), Does.StartWith("Row 1: the column 'Masks' has 1 objects of together 16 pixels, 16 of them among the 34 of the mask in 'Mask'").And.Contain("unite"));
            Assert.That(Refusal(ObjectsRow.Of(Left, Left, Right)), Does.Contain("2 objects of together 34 pixels, 16 of them among the 16"));
            Assert.That(Refusal(ObjectsRow.Of(Left, Right)), Does.Contain("2 of them among the 16"));
            Assert.That(Refusal(ObjectsRow.Of(Nothing, Left)), Does.Contain("0 of them among the 0"));
            Assert.That(Refusal(ObjectsRow.Of(Left)), Does.Contain("0 objects"));
        });
        var told = new List<string>();
        Assert.That(Objects("Masks", ObjectsRow.Of(Both, Left), ObjectsRow.Of(Left, Left)).Endless(skipBad: true, skipped: told.Add).First().Example.Mask, Is.EqualTo(Left));
        Assert.That(told, Has.One.Contains("Row 0").And.One.Contains("'Masks'"));
    }

    [Test]
    public void AColumnOfObjectsOfAnotherNameMustBeThereAndEachHoldObjects()
    {
        var row = ObjectsRow.Of(Left, Left);
        Assert.That(() => Objects("Things", row), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Things' for the true objects").And.Message.Contains("Masks"));
        Assert.That(() => Objects("Query", row), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("must hold SegmentationMaskList"));
    }

    [Test]
    public void AnExampleOfOneMaskHasOneObjectWhateverMaskItGets()
    {
        SegmentationExample example = TinyModel.Example(0);
        Assert.That(example.Objects, Is.EqualTo(new[] { example.Mask }));
        Assert.That((example with { Mask = Left }).Objects, Is.EqualTo(new[] { Left }));
        Assert.That((example with { Mask = Nothing }).Objects, Is.Empty);
        Assert.That((example with { Mask = Both, Objects = [Left, Right] }).Objects, Is.EqualTo(new[] { Left, Right }));
    }
}
