using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ComposedTextTests
{
    [Test]
    public void UnicodesOwnCasesAreComposed()
    {
        string[] rows = [.. File.ReadLines(Reference.PathOf("tokenizer/composition.txt")).Where(line => !line.StartsWith('#'))];
        Assert.That(rows, Has.Length.GreaterThan(4000));
        foreach (string row in rows)
        {
            string[] forms = [.. row.Split(';').Select(form => string.Concat(form.Split(' ').Select(code => char.ConvertFromUtf32(Convert.ToInt32(code, 16)))))];
            foreach (string form in forms)
                Assert.That(ComposedText.Of(form), Is.EqualTo(forms[1]), row);
        }
    }

    [Test]
    public void TextWithoutMarksIsLeftAlone()
    {
        string text = "naïve café, \0 ÿ";
        Assert.That(ComposedText.Of(text), Is.SameAs(text));
    }

    [Test]
    public void EndlessMarksAreRefusedInsteadOfSortedForMinutes()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0323", 500_000));
        Assert.That(ComposedText.Problem("a" + marks), Does.Contain("combining marks"));
        Assert.That(ComposedText.Problem("a" + string.Concat(Enumerable.Repeat("\U0001D165", 2000))), Does.Contain("combining marks"));
        Assert.That(ComposedText.Problem("e" + marks[..100]), Is.Null);
        Assert.That(ComposedText.Of("e" + marks[..100]), Has.Length.EqualTo(100));
    }
}
