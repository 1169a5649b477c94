using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Policies;

public class AnswerGrammarTests
{
    private static readonly AnswerGrammar Grammar = new(bins: 10);
    private static readonly BoundingBox Region = new(100, 50, 200, 150);

    [Test]
    public void AnAnswerIsLookBoxPointEnd()
    {
        int[] tokens = Grammar.Encode(new BoundingBox(120, 60, 160, 100), new PixelPoint(135, 95), Region);
        // Ten-pixel bins from (100, 50): x 120..160 are bins 2..5, y 60..100 bins 1..4, the look is their middle.
        Assert.That(tokens, Is.EqualTo(new[] { Grammar.Look, 3, 2, Grammar.Box, 2, 1, 5, 4, Grammar.Point, 3, 4, Grammar.End }));
    }

    [Test]
    public void CoordinatesComeBackInPixelsOfTheImage()
    {
        int[] tokens = Grammar.Encode(new BoundingBox(120, 60, 160, 100), new PixelPoint(135, 95), Region);
        Assert.That(Grammar.Parse(tokens, Region, out Answer? answer), Is.EqualTo(AnswerFailure.None));
        Assert.That(answer!.Box, Is.EqualTo(new BoundingBox(120, 60, 160, 100)));
        Assert.That(answer.Point, Is.EqualTo(new PixelPoint(135, 95)));
        Assert.That(answer.Looks, Is.EqualTo(new[] { new PixelPoint(135, 75) }));
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
            Grammar.Parse(Grammar.Encode(box, new PixelPoint(x0, y0), Region), Region, out Answer? answer);
            BoundingBox read = answer!.Box;
            Assert.That(read.X0, Is.LessThanOrEqualTo(box.X0 + 1e-3).And.GreaterThan(box.X0 - 10.001));
            Assert.That(read.X1, Is.GreaterThanOrEqualTo(box.X1 - 1e-3).And.LessThan(box.X1 + 10.001));
            Assert.That(read.Y0, Is.LessThanOrEqualTo(box.Y0 + 1e-3).And.GreaterThan(box.Y0 - 10.001));
            Assert.That(read.Y1, Is.GreaterThanOrEqualTo(box.Y1 - 1e-3).And.LessThan(box.Y1 + 10.001));
        }
    }

    [Test]
    public void ABoxBeyondTheViewIsClipped()
    {
        int[] tokens = Grammar.Encode(new BoundingBox(0, 0, 500, 500), new PixelPoint(999, -999), Region);
        Assert.That(tokens[4..8], Is.EqualTo(new[] { 0, 0, 9, 9 }));
        Assert.That(tokens[9..11], Is.EqualTo(new[] { 9, 0 }));
    }

    // L, B, P, E stand for Look, Box, Point, End; digits for coordinates.
    [TestCase("", AnswerFailure.MissingLook)]
    [TestCase("B1234P56E", AnswerFailure.MissingLook)]
    [TestCase("L1B1234P56E", AnswerFailure.MissingLook)]
    [TestCase("L11P56E", AnswerFailure.MalformedBox)]
    [TestCase("L11B123P56E", AnswerFailure.MalformedBox)]
    [TestCase("L11B1234", AnswerFailure.MalformedPoint)]
    [TestCase("L11B1234P5E", AnswerFailure.MalformedPoint)]
    [TestCase("L11B3214P56E", AnswerFailure.ReversedBox)]
    [TestCase("L11B1431P56E", AnswerFailure.ReversedBox)]
    [TestCase("L11B1234P56", AnswerFailure.Unfinished)]
    [TestCase("L11B1234P56L", AnswerFailure.Unfinished)]
    [TestCase("L11B1234P56EE", AnswerFailure.Unfinished)]
    [TestCase("L11B1234P56E", AnswerFailure.None)]
    [TestCase("L11L22B1111P56E", AnswerFailure.None)]
    public void ParsingSaysWhatIsWrong(string sketch, AnswerFailure expected)
    {
        int[] tokens = [.. sketch.Select(c => c switch
        {
            'L' => Grammar.Look, 'B' => Grammar.Box, 'P' => Grammar.Point, 'E' => Grammar.End, _ => c - '0',
        })];
        Assert.That(Grammar.Parse(tokens, Region, out Answer? answer), Is.EqualTo(expected));
        Assert.That(answer is null, Is.EqualTo(expected != AnswerFailure.None));
    }

    [Test]
    public void TextFollowsThePapersForm()
    {
        var answer = new Answer([new PixelPoint(10, 20)], new BoundingBox(1, 2, 30, 40), new PixelPoint(15, 25));
        Assert.That(answer.ToText(), Is.EqualTo(
            """<think><look>10,20</look></think><answer>[{"bbox_2d":[1,2,30,40],"point_2d":[15,25]}]</answer>"""));
    }
}
