using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Compact.Tests;

public class QueryVocabularyTests
{
    private static readonly QueryVocabulary Vocabulary = new(["dog", "fire truck", "truck"]);

    [TestCase("dog")]
    [TestCase("Dog")]
    [TestCase("the dog")]
    [TestCase("Please segment the dog.")]
    public void ARequestIsTheNounItNames(string query) =>
        Assert.That(Vocabulary.Encode(query), Is.EqualTo(new[] { 1, 0, 0 }));

    [Test]
    public void WordsAreSharedBetweenNouns()
    {
        Assert.That(Vocabulary.Encode("fire truck"), Is.EqualTo(new[] { 2, 3, 0 }));
        Assert.That(Vocabulary.Encode("truck"), Is.EqualTo(new[] { 3, 0, 0 }));
        Assert.That(Vocabulary.Size, Is.EqualTo(4));
    }

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("the")]
    [TestCase("dog dog dog dog")]
    public void AQueryNamesOneToThreeWords(string query) =>
        Assert.That(() => Vocabulary.Encode(query), Throws.ArgumentException.With.Message.Contains("expected 1 to 3"));

    [Test]
    public void AnUnknownWordIsNamedTogetherWithTheKnownOnes() =>
        Assert.That(() => Vocabulary.Encode("green dog"), Throws.ArgumentException.With.Message.Contains("'green'").And.Message.Contains("fire truck"));
}
