using Microsoft.DotNet.Interactive.Documents;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>When what a notebook stores and what it gives count as the same.</summary>
public class OutputComparisonTests
{
    [TestCase("mIoU 0.45", "mIoU 0.46", true)]
    [TestCase("mIoU 0.45", "mIoU 0.48", false)]
    [TestCase("mIoU 0.45", "gIoU 0.45", false)]
    [TestCase("1000 pixels", "1019 pixels", true)]
    [TestCase("1000 pixels", "1021 pixels", false)]
    [TestCase("5 rows", "6 rows", false)]
    [TestCase("took 1.5 s, 3 rows", "took 12 s, 3 rows", true)]
    [TestCase("took 1.5 s, 3 rows", "took 1.5 s, 4 rows", false)]
    [TestCase("a   1.00\nb  10.00", "a  0.99\nb  9.99", true)]
    [TestCase("-0.01", "0.01", true)]
    [TestCase("NaN", "0.5", false)]
    public void TextsAreAlikeButForTimesAndLastDigits(string stored, string seen, bool alike) =>
        Assert.That(OutputComparison.AreAlike(stored, seen), Is.EqualTo(alike));

    [Test]
    public void AMissingOrOtherOutputIsADifference()
    {
        InteractiveDocumentOutputElement text = new TextElement("1", "stdout"), picture = Shown("image/png", "UE5H");
        Assert.That(OutputComparison.Difference([text, picture], [text, picture]), Is.Null);
        Assert.That(OutputComparison.Difference([picture], [Shown("image/png", "UE5I")]), Is.Null);
        Assert.That(OutputComparison.Difference([text, picture], [text]), Does.Contain("2 outputs").And.Contain("1"));
        Assert.That(OutputComparison.Difference([text], [picture]), Does.Contain("stdout").And.Contain("image/png"));
        Assert.That(OutputComparison.Difference([text], [new TextElement("2", "stdout")]), Does.Contain("Output 1"));
        Assert.That(OutputComparison.Difference([Shown("text/html", "<td>0.5</td>")], [Shown("text/html", "<td>0.501</td>")]), Is.Null);
        Assert.That(OutputComparison.Difference([Shown("text/html", "<td>dog</td>")], [Shown("text/html", "<td>cat</td>")]), Does.Contain("text/html").And.Contain("<td>cat</td>"));
    }

    private static DisplayElement Shown(string form, string text) => new(new Dictionary<string, object> { [form] = text });
}
