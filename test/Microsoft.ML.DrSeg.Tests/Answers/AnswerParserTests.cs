using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Answers;

public class AnswerParserTests
{
    private const string Dog = """{"bbox_2d":[10,20,30.5,40],"point_2d":[15,25]}""";

    private static ParsedAnswer Parse(string text, AnswerLimits? limits = null) => AnswerParser.Parse(text, 100, 80, limits);

    private static ParsedAnswer ParseJson(string json, AnswerLimits? limits = null) => Parse($"<think>x</think><answer>{json}</answer>", limits);

    private static FailedAnswerReason? Reason(ParsedAnswer answer) => (answer as FailedAnswer)?.Reason;

    [Test]
    public void AnAnswerOfTheGrammarIsRead()
    {
        var answer = (TextAnswer)Parse($"\n<think>First <look>left</look>, <look> </look> then <look>right</look>.</think>\n <answer> [ {Dog}, {{\"point_2d\":[1e1,2],\"bbox_2d\":[0,0,5,6]}} ] </answer>\n");
        Assert.Multiple(() =>
        {
            Assert.That(answer.Objects, Has.Count.EqualTo(2));
            Assert.That(answer.Objects[0], Is.EqualTo(new SegmentedObject(new(10, 20, 30.5f, 40), new(15, 25))));
            Assert.That(answer.Objects[1], Is.EqualTo(new SegmentedObject(new(0, 0, 5, 6), new(10, 2))));
            Assert.That(answer.Looks, Is.EqualTo(new[] { "left", "right" }), "the blank one does not count");
            Assert.That(answer.Thinking, Does.StartWith("First <look>left</look>"));
        });
    }

    [Test]
    public void AnEmptyListIsAnAnswer() =>
        Assert.That(((TextAnswer)ParseJson("[]")).Objects, Is.Empty);

    [Test]
    public void WhatReachesOverTheBorderIsClamped()
    {
        var answer = (TextAnswer)ParseJson("""[{"bbox_2d":[-9,-1e300,50,1e300],"point_2d":[-3,4e40]}]""");
        Assert.That(answer.Objects[0], Is.EqualTo(new SegmentedObject(new(0, 0, 50, 80), new(0, 80))));
    }

    [Test]
    public void TheTextOfAnAnswerIsOfTheGrammar([Values(0, 1, 3)] int count)
    {
        SegmentedObject[] objects = [.. Enumerable.Range(0, count).Select(i => new SegmentedObject(new(i, 2, 30 + i, 40), new(15, 20 + i)))];
        var answer = (TextAnswer)Parse(new TextAnswer(objects, "<look>12,34</look><look>5,6</look>", ["12,34", "5,6"]).ToText());
        Assert.Multiple(() =>
        {
            Assert.That(answer.Looks, Is.EqualTo(new[] { "12,34", "5,6" }));
            Assert.That(answer.Objects, Is.EqualTo(objects));
        });
    }

    [TestCase("", FailedAnswerReason.MalformedThink)]
    [TestCase("no tags at all", FailedAnswerReason.MalformedThink)]
    [TestCase("<answer>[]</answer>", FailedAnswerReason.MalformedThink)]
    [TestCase("So: <think>x</think><answer>[]</answer>", FailedAnswerReason.MalformedThink)]
    [TestCase("<think>x<think>y</think><answer>[]</answer>", FailedAnswerReason.MalformedThink)]
    [TestCase("<think>x<answer>[]</answer></think><answer>[]</answer>", FailedAnswerReason.MalformedThink)]
    [TestCase("<think>x", FailedAnswerReason.MalformedThink)]
    [TestCase("<think><look>x</think><answer>[]</answer>", FailedAnswerReason.MalformedLook)]
    [TestCase("<think>x</look></think><answer>[]</answer>", FailedAnswerReason.MalformedLook)]
    [TestCase("<think><look>a<look>b</look></look></think><answer>[]</answer>", FailedAnswerReason.MalformedLook)]
    [TestCase("<think>x</think>", FailedAnswerReason.MalformedAnswer)]
    [TestCase("<think>x</think><answer>[]", FailedAnswerReason.MalformedAnswer)]
    [TestCase("<think>x</think> so <answer>[]</answer>", FailedAnswerReason.MalformedAnswer)]
    [TestCase("<think>x</think><answer>[]</answer> or so", FailedAnswerReason.MalformedAnswer)]
    [TestCase("<think>x</think><answer>[]</answer><answer>[]</answer>", FailedAnswerReason.MalformedAnswer)]
    public void TextsOutsideTheGrammarFail(string text, FailedAnswerReason reason) =>
        Assert.That(Reason(Parse(text)), Is.EqualTo(reason));

    [Test]
    public void HalfASurrogatePairIsNoText([Values(0xD800, 0xDC00)] int half)
    {
        Assert.That(Reason(Parse($"<think>{(char)half}</think><answer>[]</answer>")), Is.EqualTo(FailedAnswerReason.InvalidText));
        Assert.That(Reason(ParseJson($"[\"{(char)half}\"]")), Is.EqualTo(FailedAnswerReason.InvalidText));
    }

    [TestCase("", FailedAnswerReason.MalformedJson)]
    [TestCase("[", FailedAnswerReason.MalformedJson)]
    [TestCase("[],", FailedAnswerReason.MalformedJson)]
    [TestCase("[] []", FailedAnswerReason.MalformedJson)]
    [TestCase("[{}]]", FailedAnswerReason.UnexpectedJson)]
    [TestCase("{}", FailedAnswerReason.UnexpectedJson)]
    [TestCase("null", FailedAnswerReason.UnexpectedJson)]
    [TestCase("[1]", FailedAnswerReason.UnexpectedJson)]
    [TestCase("[{}]", FailedAnswerReason.UnexpectedJson)]
    [TestCase("[[{}]]", FailedAnswerReason.UnexpectedJson)]
    [TestCase("[[[[[[[[[[]]]]]]]]]]", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4,5],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],"point_2d":[1]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":["1","2","3","4"],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[[1],2,3,4],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[[[1]],2,3,4],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,null],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],"bbox_2d":[1,2,3,4],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],"point_2d":[1,2],"label":"dog"}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"\u0062box_2d":[1,2,3,4],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"\ud800":[1,2,3,4],"point_2d":[1,2]}]""", FailedAnswerReason.UnexpectedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,NaN],"point_2d":[1,2]}]""", FailedAnswerReason.MalformedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,Infinity],"point_2d":[1,2]}]""", FailedAnswerReason.MalformedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],"point_2d":[1,2]},]""", FailedAnswerReason.MalformedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],/**/"point_2d":[1,2]}]""", FailedAnswerReason.MalformedJson)]
    [TestCase("""[{"bbox_2d":[1,2,3,1e999],"point_2d":[1,2]}]""", FailedAnswerReason.NumberNotFinite)]
    [TestCase("""[{"bbox_2d":[1,2,3,4],"point_2d":[-1e999,2]}]""", FailedAnswerReason.NumberNotFinite)]
    [TestCase("""[{"bbox_2d":[3,2,1,4],"point_2d":[1,2]}]""", FailedAnswerReason.InvertedBox)]
    [TestCase("""[{"bbox_2d":[1,2,3,2],"point_2d":[1,2]}]""", FailedAnswerReason.InvertedBox)]
    [TestCase("""[{"bbox_2d":[-4,-3,-2,-1],"point_2d":[1,2]}]""", FailedAnswerReason.BoxOutsideImage)]
    [TestCase("""[{"bbox_2d":[100,0,120,5],"point_2d":[1,2]}]""", FailedAnswerReason.BoxOutsideImage)]
    public void ListsOutsideTheGrammarFail(string json, FailedAnswerReason reason)
    {
        var answer = ParseJson(json);
        Assert.That(Reason(answer), Is.EqualTo(reason), answer.ToString());
        Assert.That(((FailedAnswer)answer).Detail, Is.Not.Empty);
    }

    [Test]
    public void TooManyObjectsAreOverLongAndNeverCut()
    {
        string List(int count) => $"[{string.Join(",", Enumerable.Repeat(Dog, count))}]";
        Assert.Multiple(() =>
        {
            Assert.That(((TextAnswer)ParseJson(List(120))).Objects, Has.Count.EqualTo(120));
            Assert.That(Reason(ParseJson(List(121))), Is.EqualTo(FailedAnswerReason.OverLong));
            Assert.That(Reason(ParseJson(List(10_000), new(Characters: int.MaxValue))), Is.EqualTo(FailedAnswerReason.OverLong));
            Assert.That(Reason(ParseJson(List(3), new(Objects: 2))), Is.EqualTo(FailedAnswerReason.OverLong));
        });
    }

    /// <summary>Ten million characters of everything that could make a parser slow; each is read once, or not at all.</summary>
    [TestCase("a"), TestCase("<look>"), TestCase("<think>"), TestCase("[{"), TestCase(" "), TestCase("your "), TestCase("[1,")]
    public void LongTextsFailInBoundedTime(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 10_000_000 / unit.Length));
        Assert.Multiple(() =>
        {
            Assert.That(Reason(Parse(text)), Is.EqualTo(FailedAnswerReason.OverLong));
            var unlimited = new AnswerLimits(Characters: int.MaxValue);
            Assert.That(Parse(text, unlimited), Is.TypeOf<FailedAnswer>());
            Assert.That(Parse($"<think>{text}</think><answer>", unlimited), Is.TypeOf<FailedAnswer>());
            Assert.That(ParseJson(text, unlimited), Is.TypeOf<FailedAnswer>());
        });
    }

    [TestCase("One. Two. Three.", 1)]
    [TestCase("Same. Same.", 1)]
    [TestCase("Same. Same. Same.", 0)]
    [TestCase("Same! \"same\"? ( SAME )…", 0)]
    [TestCase("One. Two. One. Two.", 0)]
    [TestCase("a  b. a b. A\tB", 0)]
    [TestCase("相同。相同！相同？", 0)]
    [TestCase("... !!! ???", 1)]
    [TestCase("", 1)]
    [TestCase("Put your reasoning text here", 0)]
    [TestCase("Your-Visual  (focus)", 0)]
    [TestCase("more reasoning, text", 0)]
    [TestCase("your reasoning about the text", 1)]
    public void RepetitionIsTwoRepeatsOrAPlaceholder(string text, double expected) =>
        Assert.That(Repetition.Score(text), Is.EqualTo(expected));
}
