using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Compact.Tests;

public class AnswerGrammarTests
{
    private static readonly AnswerGrammar Grammar = new(bins: 10), Lists = new(bins: 10, mostObjects: 3);
    private static readonly BoundingBox Region = new(100, 50, 200, 150);

    private static int[] Encode(BoundingBox box, PixelPoint point) => Grammar.Encode([new SegmentedObject(box, point)], Region);

    private static TextAnswer Read(AnswerGrammar grammar, int[] tokens) => (TextAnswer)grammar.Parse(tokens, Region);

    [Test]
    public void AnAnswerIsLookBoxPointEnd()
    {
        int[] tokens = Encode(new BoundingBox(120, 60, 160, 100), new PixelPoint(135, 95));
        // Ten-pixel bins from (100, 50): x 120..160 are bins 2..5, y 60..100 bins 1..4, the look is their middle.
        Assert.That(tokens, Is.EqualTo(new[] { Grammar.Look, 3, 2, Grammar.Box, 2, 1, 5, 4, Grammar.Point, 3, 4, Grammar.End }));
    }

    [Test]
    public void CoordinatesComeBackInPixelsOfTheImage()
    {
        TextAnswer answer = Read(Grammar, Encode(new BoundingBox(120, 60, 160, 100), new PixelPoint(135, 95)));
        Assert.That(answer.Objects, Is.EqualTo(new[] { new SegmentedObject(new BoundingBox(120, 60, 160, 100), new PixelPoint(135, 95)) }));
        Assert.That(answer.Looks, Is.EqualTo(new[] { "135,75" }));
        Assert.That(answer.Thinking, Is.EqualTo("<look>135,75</look>"));
    }

    [Test]
    public void EncodedBoxCoversTheBoxWithLessThanABinToSpare()
    {
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            float x0 = 100 + 90 * random.NextSingle(), y0 = 50 + 90 * random.NextSingle();
            var box = new BoundingBox(x0, y0, x0 + (200 - x0) * random.NextSingle(), y0 + (150 - y0) * random.NextSingle());
            if (box.Width < 0.1 || box.Height < 0.1) continue;
            BoundingBox read = Read(Grammar, Encode(box, new PixelPoint(x0, y0))).Objects[0].Box;
            Assert.That(read.X0, Is.LessThanOrEqualTo(box.X0 + 1e-3).And.GreaterThan(box.X0 - 10.001));
            Assert.That(read.X1, Is.GreaterThanOrEqualTo(box.X1 - 1e-3).And.LessThan(box.X1 + 10.001));
            Assert.That(read.Y0, Is.LessThanOrEqualTo(box.Y0 + 1e-3).And.GreaterThan(box.Y0 - 10.001));
            Assert.That(read.Y1, Is.GreaterThanOrEqualTo(box.Y1 - 1e-3).And.LessThan(box.Y1 + 10.001));
        }
    }

    [Test]
    public void ABoxBeyondTheViewIsClipped()
    {
        int[] tokens = Encode(new BoundingBox(0, 0, 500, 500), new PixelPoint(999, -999));
        Assert.That(tokens[4..8], Is.EqualTo(new[] { 0, 0, 9, 9 }));
        Assert.That(tokens[9..11], Is.EqualTo(new[] { 9, 0 }));
    }

    // L, B, P, E stand for Look, Box, Point, End; digits for coordinates.
    private static int[] Tokens(string sketch) => [.. sketch.Select(c => c switch
    {
        'L' => Grammar.Look, 'B' => Grammar.Box, 'P' => Grammar.Point, 'E' => Grammar.End, _ => c - '0',
    })];

    [TestCase("", FailedAnswerReason.MissingLook, "it does not begin with a look")]
    [TestCase("B1234P56E", FailedAnswerReason.MissingLook, "it does not begin with a look")]
    [TestCase("L1B1234P56E", FailedAnswerReason.MissingLook, "it does not begin with a look")]
    [TestCase("L11P56E", FailedAnswerReason.MissingBox, "it has no whole box")]
    [TestCase("L11B123P56E", FailedAnswerReason.MissingBox, "it has no whole box")]
    [TestCase("L11B1234", FailedAnswerReason.MissingPoint, "it has no whole point")]
    [TestCase("L11B1234P5E", FailedAnswerReason.MissingPoint, "it has no whole point")]
    [TestCase("L11B3214P56E", FailedAnswerReason.InvertedBox, "the box's far side lies before its near side")]
    [TestCase("L11B1431P56E", FailedAnswerReason.InvertedBox, "the box's far side lies before its near side")]
    [TestCase("L11B1234P56", FailedAnswerReason.Unfinished, "it does not end after the point")]
    [TestCase("L11B1234P56L", FailedAnswerReason.Unfinished, "it does not end after the point")]
    [TestCase("L11B1234P56EE", FailedAnswerReason.Unfinished, "it does not end after the point")]
    public void ParsingSaysWhatIsWrong(string sketch, FailedAnswerReason reason, string detail)
    {
        foreach (AnswerGrammar grammar in new[] { Grammar, Lists })
            Assert.That(grammar.Parse(Tokens(sketch), Region), Is.EqualTo(new FailedAnswer(reason, detail)));
        Assert.That(new GeneratedAnswer([], [], false, Grammar.Parse(Tokens(sketch), Region)).ToText(), Is.EqualTo($"no answer: {detail}"));
    }

    [TestCase("E", FailedAnswerReason.MissingLook, 0)]
    [TestCase("L11B1234P56E", null, 1)]
    [TestCase("L11L22B1111P56E", null, 1)]
    [TestCase("L11B1234P56B1234P56E", FailedAnswerReason.Unfinished, 2)]
    [TestCase("L11B1234P56B1234P56B1234P56E", FailedAnswerReason.Unfinished, 3)]
    public void OneObjectAndListsAreDifferentLanguages(string sketch, FailedAnswerReason? ofOne, int count)
    {
        Assert.That((Grammar.Parse(Tokens(sketch), Region) as FailedAnswer)?.Reason, Is.EqualTo(ofOne));
        Assert.That(Read(Lists, Tokens(sketch)).Objects, Has.Count.EqualTo(count));
    }

    [TestCase("L11B1234P56B12P56E", FailedAnswerReason.MissingBox)]
    [TestCase("L11B1234P56B3214P56E", FailedAnswerReason.InvertedBox)]
    [TestCase("L11B1234P56B1234E", FailedAnswerReason.MissingPoint)]
    [TestCase("L11B1234P56P56E", FailedAnswerReason.Unfinished)]
    [TestCase("L11B1234P56B1234P56B1234P56B1234P56E", FailedAnswerReason.Unfinished)]
    [TestCase("L11", FailedAnswerReason.MissingBox)]
    [TestCase("L11E", FailedAnswerReason.MissingBox)]
    [TestCase("EE", FailedAnswerReason.MissingLook)]
    [TestCase("EL11B1234P56E", FailedAnswerReason.MissingLook)]
    public void AListFailsAsAWhole(string sketch, FailedAnswerReason reason) =>
        Assert.That(((FailedAnswer)Lists.Parse(Tokens(sketch), Region)).Reason, Is.EqualTo(reason));

    [Test]
    public void ALongestAnswerHasRoomForTwoLooksAndAllObjects()
    {
        Assert.That((Grammar.LongestAnswer, Lists.LongestAnswer), Is.EqualTo((15, 31)));
        Assert.That(Read(Lists, Tokens("L11L22B1234P56B1234P56B1234P56E")).Objects, Has.Count.EqualTo(3));
        Assert.That(Tokens("L11L22B1234P56B1234P56B1234P56E"), Has.Length.EqualTo(Lists.LongestAnswer));
    }

    [Test]
    public void NothingIsSaidByTheEndAlone()
    {
        int[] tokens = Lists.Encode([], Region);
        Assert.That(tokens, Is.EqualTo(Tokens("E")));
        Assert.That(Read(Lists, tokens).Objects, Is.Empty);
        Assert.That(Read(Lists, tokens).ToText(), Is.EqualTo("<think></think><answer>[]</answer>"));
    }

    [TestCase(1, 0, "exactly 1 object, not 0")]
    [TestCase(1, 2, "exactly 1 object, not 2")]
    [TestCase(3, 4, "0 to 3 objects, not 4")]
    public void ALanguageHasNoAnswerOfOtherCounts(int most, int count, string message) =>
        Assert.That(() => new AnswerGrammar(10, most).Encode(new SegmentedObject[count], Region), Throws.ArgumentException.With.Message.Contains(message));

    // Boxes of whole bins and points in their middle come back to the bit.
    private static readonly Gen<SegmentedObject> OfBins =
        from x0 in Gen.Choose(0, 9) from x1 in Gen.Choose(x0, 9) from y0 in Gen.Choose(0, 9) from y1 in Gen.Choose(y0, 9)
        from x in Gen.Choose(0, 9) from y in Gen.Choose(0, 9)
        select new SegmentedObject(new(100 + 10 * x0, 50 + 10 * y0, 110 + 10 * x1, 60 + 10 * y1), new(105 + 10 * x, 55 + 10 * y));

    [Test]
    public void AListComesBackAsItWasSaid() => Prop.ForAll(
        (from count in Gen.Choose(0, 3) from objects in Gen.ArrayOf(OfBins, count) select objects).ToArbitrary(),
        objects =>
        {
            int[] tokens = Lists.Encode(objects, Region);
            TextAnswer answer = Read(Lists, tokens);
            // Encoded again, the same tokens; read as the text it stands for, the same objects.
            return tokens.Length == (objects.Length == 0 ? 1 : 4 + 8 * objects.Length) && answer.Objects.SequenceEqual(objects)
                && Lists.Encode(answer.Objects, Region).SequenceEqual(tokens)
                && AnswerParser.Parse(answer.ToText(), 200, 150) is TextAnswer text && text.Objects.SequenceEqual(objects) && text.Looks.SequenceEqual(answer.Looks);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(2024UL, 7UL));

    [Test]
    public void TheLookIsAtTheMiddleOfAllObjects()
    {
        int[] tokens = Lists.Encode([new(new(180, 130, 200, 150), new(190, 140)), new(new(120, 60, 160, 100), new(135, 95))], Region);
        // Together bins 2..9 and 1..9; the objects in the order given.
        Assert.That(tokens, Is.EqualTo(Tokens("L55B8899P99B2154P34E")));
    }

    [Test]
    public void TextFollowsThePapersForm()
    {
        var answer = new TextAnswer([new(new(1, 2, 30, 40), new(15, 25)), new(new(5, 6, 7, 8), new(6, 7))], "<look>10,20</look>", ["10,20"]);
        Assert.That(answer.ToText(), Is.EqualTo(
            """<think><look>10,20</look></think><answer>[{"bbox_2d":[1,2,30,40],"point_2d":[15,25]},{"bbox_2d":[5,6,7,8],"point_2d":[6,7]}]</answer>"""));
    }
}
