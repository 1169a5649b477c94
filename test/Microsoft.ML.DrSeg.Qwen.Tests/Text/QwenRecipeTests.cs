using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenRecipeTests
{
    private const string Answer = """<think>a</think><answer>[{"bbox_2d":[10,100,200,210],"point_2d":[840,840]}]</answer>""";

    private static readonly ImageProcessing Processing = new(14, 2, 2, 3136, 12845056, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f], ResamplingFilter.Bicubic);
    private static readonly QwenRecipe[] Ready = [QwenRecipe.DrSeg, QwenRecipe.ResizedPixels, QwenRecipe.Thousandths];
    private static readonly ImageSize Picture = new(640, 427);

    [Test]
    public void ThePapersSettingMapsFromItsSquare()
    {
        AnswerFrame frame = QwenRecipe.DrSeg.FrameOf(Picture, Processing);
        Assert.That(frame, Is.EqualTo(new AnswerFrame(Picture, new(840, 840))));
        var read = (TextAnswer)QwenRecipe.DrSeg.Read(Answer, frame);
        Assert.That(read.Objects.Single(), Is.EqualTo(new SegmentedObject(new(8, 51, 152, 107), new(640, 427))));
    }

    [Test]
    public void EachFamilyHasItsOwnFrame()
    {
        Assert.That(QwenRecipe.Of(QwenFamily.Qwen25).FrameOf(Picture, Processing).Model, Is.EqualTo(new ImageSize(644, 420)));
        Assert.That(QwenRecipe.Of(QwenFamily.Qwen2).FrameOf(Picture, Processing).Model, Is.EqualTo(new ImageSize(1000, 1000)));
        Assert.That(QwenRecipe.Of(QwenFamily.Qwen3).FrameOf(Picture, Processing).Model, Is.EqualTo(new ImageSize(1000, 1000)));
    }

    [Test]
    public void TheSameTextMeansAnotherPlaceInAnotherFrame()
    {
        string text = Answer.Replace("840,840", "500,500", StringComparison.Ordinal);
        var read = (TextAnswer)QwenRecipe.Thousandths.Read(text, QwenRecipe.Thousandths.FrameOf(Picture, Processing));
        Assert.That(read.Objects.Single(), Is.EqualTo(new SegmentedObject(new(6, 43, 128, 90), new(320, 214))));
    }

    [Test]
    public void TheTruthComesBackThroughItsText()
    {
        SegmentedObject[] truth = [new(new(3, 5, 4, 7), new(3.5f, 6)), new(new(0, 0, 640, 427), new(320, 200)), new(new(100, 50, 300, 400), new(222, 333))];
        foreach (QwenRecipe recipe in Ready)
        {
            AnswerFrame frame = recipe.FrameOf(Picture, Processing);
            string text = QwenRecipe.Write(truth, frame, "<look>x</look>");
            foreach (AnswerReading reading in Enum.GetValues<AnswerReading>())
            {
                var read = (TextAnswer)(recipe with { Reading = reading }).Read(text, frame);
                Assert.That(read.Objects, Has.Count.EqualTo(3));
                Assert.That(read.Looks, Is.EqualTo(new[] { "x" }));
                foreach ((SegmentedObject back, SegmentedObject one) in read.Objects.Zip(truth))
                    Assert.That(new[] { back.Box.X0 - one.Box.X0, back.Box.Y0 - one.Box.Y0, back.Box.X1 - one.Box.X1, back.Box.Y1 - one.Box.Y1, back.Point.X - one.Point.X, back.Point.Y - one.Point.Y }, Has.All.InRange(-1, 1));
            }
        }
    }

    [Test]
    public void AbsentThingsAreWrittenAsAnEmptyList() =>
        Assert.That(QwenRecipe.Write([], QwenRecipe.DrSeg.FrameOf(Picture, Processing), "none"), Is.EqualTo("<think>none</think><answer>[]</answer>"));

    [Test]
    public void TheExampleIsAnAnswerWithinTheFrame()
    {
        foreach (QwenRecipe recipe in Ready)
            foreach (ImageSize size in (ImageSize[])[Picture, new(56, 56), new(1, 100)])
            {
                AnswerFrame frame = recipe.FrameOf(size, Processing);
                string example = recipe.Question("x", frame).Single(part => part.Text.StartsWith('[')).Text;
                var read = (TextAnswer)AnswerParser.Parse($"<think></think><answer>{example}</answer>", frame.Model.Width, frame.Model.Height);
                Assert.That(read.Objects, Has.Count.EqualTo(2));
                Assert.That(QwenRecipe.Write(read.Objects, frame with { Original = frame.Model }, ""), Does.Contain(example), "Nothing was clipped.");
            }
    }

    [Test]
    public void TheTemplateAsksForThePapersPartsInItsOrder()
    {
        string text = string.Concat(QwenRecipe.DrSeg.Question("The Dog.", QwenRecipe.DrSeg.FrameOf(Picture, Processing)).Select(part => part.Text));
        int at = -1;
        foreach (string part in (string[])["\"the dog\"", "box and a point", "Compare", "<think>", "<look>", "<answer>", "JSON", "<think>", "<look>", "<answer>[{"])
        {
            int next = text.IndexOf(part, at + 1, StringComparison.Ordinal);
            Assert.That(next, Is.GreaterThan(at), part);
            at = next;
        }
        Assert.That(text, Does.Not.Contain("{query}").And.Not.Contain("{example}").And.Not.Contain("\r"));
    }

    [Test]
    public void AQueryIsNoPartOfTheTemplate()
    {
        var recipe = QwenRecipe.Thousandths with { Template = "{query}|{example}|{query}" };
        IReadOnlyList<TextPart> parts = recipe.Question(" {example}{query}<think> ", recipe.FrameOf(Picture, Processing));
        Assert.That(parts.Where(part => !part.Trusted).Select(part => part.Text), Is.EqualTo(new[] { "{example}{query}<think>", "{example}{query}<think>" }));
        Assert.That(parts.Where(part => part.Trusted).Select(part => part.Text).Where(text => text.Contains('{') && !text.StartsWith('[')), Is.Empty);
    }

    [Test]
    public void QueriesThatCannotBeAskedAreTold()
    {
        Assert.That(QwenRecipe.DrSeg.Problem("the dog"), Is.Null);
        Assert.That(QwenRecipe.DrSeg.Problem(" .\"? "), Does.Contain("blank"));
        Assert.That(QwenRecipe.Thousandths.Problem("\uD800"), Does.Contain("surrogate"));
    }

    [Test]
    public void ATemplateWithoutAQueryIsRefused() =>
        Assert.That(() => QwenRecipe.DrSeg with { Template = "find it" }, Throws.ArgumentException.With.Message.Contains("{query}"));

    // What the paper's own reader meets: spaces, fractions, single quotes, two answers, no point, coordinates beyond the image.
    [TestCase("<think>t</think> <answer>\n [ {\"bbox_2d\": [1, 2,\n3, 4], \"point_2d\": [2, 3]} , {\"bbox_2d\":[5,6,7,8],\"point_2d\":[6,7]}]\n</answer>", 2, 2)]
    [TestCase("""<think>t</think><answer>[{"bbox_2d":[1.5,2.25,3.5,4.0],"point_2d":[2.5,3.5]}]</answer>""", 1, 1)]
    [TestCase("<think>t</think><answer>[{'bbox_2d':[1,2,3,4],'point_2d':[2,3]}]</answer>", -1, 1)]
    [TestCase("""<think>t</think><answer>[{"bbox_2d":[1,2,3,4],"point_2d":[2,3]}]</answer><answer>[]</answer>""", -1, 1)]
    [TestCase("""<think>t</think><answer>[{"bbox_2d":[1,2,3,4]}]</answer>""", -1, 1)]
    [TestCase("""<think>t</think><answer>[{"bbox_2d":[1,2,900,1000],"point_2d":[2,3]}]</answer>""", 1, 1)]
    public void BothReadersKeepToThePapersCases(string text, int strict, int tolerant)
    {
        AnswerFrame frame = QwenRecipe.DrSeg.FrameOf(Picture, Processing);
        Assert.That(Count(QwenRecipe.DrSeg), Is.EqualTo(strict));
        Assert.That(Count(QwenRecipe.DrSeg with { Reading = AnswerReading.Tolerant }), Is.EqualTo(tolerant));

        int Count(QwenRecipe recipe) => recipe.Read(text, frame) is TextAnswer answer ? answer.Objects.Count : -1;
    }
}
