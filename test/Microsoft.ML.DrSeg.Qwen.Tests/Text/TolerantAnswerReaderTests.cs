using System.Diagnostics;
using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class TolerantAnswerReaderTests
{
    private static readonly ImageSize Frame = new(840, 840);
    private static readonly SegmentedObject Dog = new(new(10, 100, 200, 210), new(30, 110)), Cat = new(new(225, 296, 706, 786), new(302, 410));
    private static readonly SegmentedObject Centred = new(new(10, 100, 200, 210), new(105, 155));

    private const string DogJson = """{"bbox_2d":[10,100,200,210],"point_2d":[30,110]}""", CatJson = """{"bbox_2d":[225,296,706,786],"point_2d":[302,410]}""";

    [TestCase("<think>a <look>b</look></think><answer>\n[ {\"bbox_2d\": [10, 100,\n200, 210], \"point_2d\": [30, 110]} ,\n" + CatJson + " ]\n</answer>", TestName = "Spaces and newlines")]
    [TestCase($"[{DogJson},{CatJson}]", TestName = "No tags")]
    [TestCase($"Here they are:\n```json\n[{DogJson},{CatJson}]\n```\nAnything else?", TestName = "A code block with text around it")]
    [TestCase($"<answer>[{DogJson},{CatJson}]", TestName = "No closing tag")]
    [TestCase($"<think>maybe [1,2,3,4]</think>[{DogJson},{CatJson}]", TestName = "Boxes of the thinking do not count")]
    [TestCase($"<answer>[{DogJson},{CatJson},{{\"bbox_2d\":[10,", TestName = "Cut off within the third object")]
    [TestCase($"<answer>[{DogJson},{CatJson},]</answer>", TestName = "A comma too many")]
    [TestCase($"<answer>{DogJson}\n{CatJson}</answer>", TestName = "Objects without a list")]
    [TestCase($"<answer>[{DogJson},{CatJson}]</answer><answer>[]</answer>", TestName = "The first of two answers")]
    [TestCase("""<answer>[{"bbox":[10,100,200,210],"point":[30,110],"label":"dog"},{"bbox":[225,296,706,786],"points_1":[302,410],"points_2":[1,1]}]</answer>""", TestName = "Other keys")]
    [TestCase($"<answer>[{DogJson},{CatJson},{{\"bbox_2d\":[5,5,1,1]}},{{\"label\":\"x\"}}]</answer>", TestName = "What is no object is passed over")]
    public void TwoObjectsAreRead(string text) => Assert.That(Read(text), Is.EqualTo(new[] { Dog, Cat }));

    [TestCase("""<answer>[{"bbox_2d":[10,100,200,210]}]</answer>""", TestName = "An object without its point")]
    [TestCase("""<answer>{"bbox_2d":[10,100,200,210],"point_2d":"none"}</answer>""", TestName = "A point that is none")]
    [TestCase("<answer>[10,100,200,210]</answer>", TestName = "A bare box")]
    [TestCase("<answer>[[10,100,200,210]]</answer>", TestName = "A list of bare boxes")]
    [TestCase("<answer>[{'bbox_2d':[10,100,200,210],'point_2d':[30,110]}]</answer>", TestName = "A bare box within what is no JSON")]
    [TestCase("The dog<|box_start|>(10,100),(200,210)<|box_end|>.", TestName = "The notation of Qwen2-VL")]
    [TestCase("The dog (10, 100), (200, 210).", TestName = "That notation without its tokens")]
    public void TheCentreStandsInForAPoint(string text) => Assert.That(Read(text), Is.EqualTo(new[] { Centred }));

    [Test]
    public void FractionsAreKept() =>
        Assert.That(Read("""[{"bbox_2d":[10.5,100.25,200,2.1e2],"point_2d":[30.0,110]}]"""), Is.EqualTo(new[] { new SegmentedObject(new(10.5f, 100.25f, 200, 210), new(30, 110)) }));

    [Test]
    public void CoordinatesAreClippedToTheFrame() =>
        Assert.That(Read("""[{"bbox_2d":[-10,100,2000,1e30],"point_2d":[900,-3]}]"""), Is.EqualTo(new[] { new SegmentedObject(new(0, 100, 840, 840), new(840, 0)) }));

    [Test]
    public void AnEmptyListSaysThatThereIsNothing() => Assert.That(Read("<think>no</think><answer>[]</answer>"), Is.Empty);

    [Test]
    public void ThinkingAndLooksAreKept()
    {
        var answer = (TextAnswer)TolerantAnswerReader.Parse($"Well.<think>a <look>b</look></think>[{DogJson}]", Frame);
        Assert.That((answer.Thinking, answer.Looks.Single()), Is.EqualTo(("a <look>b</look>", "b")));
        Assert.That(((TextAnswer)TolerantAnswerReader.Parse($"<think><look>b</think>[{DogJson}]", Frame)).Looks, Is.Empty);
    }

    [TestCase("", FailedAnswerReason.MalformedAnswer)]
    [TestCase("I see no such thing.", FailedAnswerReason.MalformedAnswer)]
    [TestCase("<answer>{'bbox_2d'</answer>", FailedAnswerReason.MalformedJson)]
    [TestCase("""<answer>[{"point_2d":[30,110]}]</answer>""", FailedAnswerReason.MissingBox)]
    [TestCase("""<answer>[30,110]</answer>""", FailedAnswerReason.MissingBox)]
    [TestCase("""<answer>[{"bbox_2d":["10",100,200,210]}]</answer>""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""<answer>[{"bbox_2d":[10,100,200]}]</answer>""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""<answer>["dog"]</answer>""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""<answer>[{"bbox_2d":[200,100,10,210]}]</answer>""", FailedAnswerReason.InvertedBox)]
    [TestCase("""<answer>[{"bbox_2d":[900,900,950,950]}]</answer>""", FailedAnswerReason.BoxOutsideImage)]
    [TestCase("""<answer>[{"bbox_2d":[1,2,3,1e999]}]</answer>""", FailedAnswerReason.NumberNotFinite)]
    [TestCase("""<answer>[{"bbox_2d":[1,2,3,NaN]}]</answer>""", FailedAnswerReason.MalformedJson)]
    public void FailuresHaveAReason(string text, FailedAnswerReason reason)
    {
        ParsedAnswer read = TolerantAnswerReader.Parse(text, Frame);
        Assert.That(read, Is.TypeOf<FailedAnswer>());
        Assert.That(((FailedAnswer)read).Reason, Is.EqualTo(reason), ((FailedAnswer)read).Detail);
    }

    [Test]
    public void TooManyObjectsOrCharactersAreOverLong()
    {
        string many = $"[{string.Join(',', Enumerable.Repeat(DogJson, 121))}]";
        Assert.That(((FailedAnswer)TolerantAnswerReader.Parse(many, Frame)).Reason, Is.EqualTo(FailedAnswerReason.OverLong));
        Assert.That(((FailedAnswer)TolerantAnswerReader.Parse(new('x', 100_001), Frame)).Reason, Is.EqualTo(FailedAnswerReason.OverLong));
    }

    [TestCase("[")]
    [TestCase("{")]
    [TestCase("[\"")]
    [TestCase("[1,")]
    [TestCase("(1,")]
    [TestCase("( ")]
    [TestCase("(1,1)")]
    [TestCase("[],")]
    [TestCase("{\"a\":")]
    public void TextsOfBracketsAreReadInTime(string unit)
    {
        var watch = Stopwatch.StartNew();
        Assert.That(TolerantAnswerReader.Parse(string.Concat(Enumerable.Repeat(unit, 100_000 / unit.Length)), Frame), Is.TypeOf<FailedAnswer>().Or.TypeOf<TextAnswer>());
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void HalvesOfCharactersAroundAnAnswerAreNoMatter() => Assert.That(Read($"\uD800{DogJson}\uDC00"), Is.EqualTo(new[] { Dog }));

    private static IReadOnlyList<SegmentedObject> Read(string text) => TolerantAnswerReader.Parse(text, Frame) switch
    {
        TextAnswer answer => answer.Objects,
        FailedAnswer failed => throw new AssertionException(failed.Detail),
        _ => throw new AssertionException("It is neither."),
    };
}
