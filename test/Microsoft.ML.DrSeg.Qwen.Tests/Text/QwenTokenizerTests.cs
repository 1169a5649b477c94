using System.Diagnostics;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenTokenizerTests
{
    private static QwenTokenizer Tokenizer => TokenizerFolder.Tokenizer;

    [Test]
    public void EveryCaseHasTheIdsOfTheReference()
    {
        Assert.That(TokenizerCase.All, Has.Count.EqualTo(54));
        Assert.Multiple(() =>
        {
            foreach (TokenizerCase one in TokenizerCase.All)
                Assert.That(Tokenizer.Encode(one.Text), Is.EqualTo(one.Ids), one.Text);
        });
    }

    [Test]
    public void EveryCaseComesBackComposedAndWithoutSpecialTokens() => Assert.Multiple(() =>
    {
        foreach (TokenizerCase one in TokenizerCase.All)
        {
            string expected = TokenizerFolder.Special.Keys.Where(TokenizerFolder.IsSpecial).Aggregate(one.Text, (text, token) => text.Replace(token, "", StringComparison.Ordinal));
            Assert.That(Tokenizer.Decode(one.Ids), Is.EqualTo(ComposedText.Of(expected)));
        }
    });

    [Test]
    public void TheTestsRunWithoutGlobalisationDataAsOurProgramsDo() =>
        Assert.That("e\u0301".Normalize(), Has.Length.EqualTo(2), "string.Normalize is expected to do nothing here.");

    [Test]
    public void AUsersTextCannotHoldAddedTokens()
    {
        foreach (string token in TokenizerFolder.Special.Keys)
        {
            int[] ids = Tokenizer.Encode([new("find ", true), new(token, false), new("end", true)]);
            Assert.That(ids, Has.All.LessThan(TokenizerFolder.Special.Values.Min()));
            Assert.That(Tokenizer.Decode(ids), Is.EqualTo($"find {token}end"));
        }
    }

    [Test]
    public void NoAddedTokenArisesWhereAUsersTextMeetsOurs()
    {
        Assert.That(Tokenizer.Encode([new("<|im_", true), new("end|>", false)]), Does.Not.Contain(1758));
        Assert.That(Tokenizer.Encode([new("<|im_", false), new("end|>", true)]), Does.Not.Contain(1758));
    }

    [Test]
    public void PartsAreOneTextWhereNoAddedTokenStandsBetween()
    {
        int[] whole = Tokenizer.Encode("find \"the dog\" here");
        Assert.That(Tokenizer.Encode([new("find \"", true), new("the dog", false), new("\" here", true)]), Is.EqualTo(whole));
        Assert.That(Tokenizer.Encode([new("cafe", true), new("\u0301", false)]), Is.EqualTo(Tokenizer.Encode("café")));
    }

    [Test]
    public void AnswersAreDecodedWhole()
    {
        int[] ids = Tokenizer.Encode("😀");
        Assert.That(ids, Has.Length.GreaterThan(1));
        Assert.That(Tokenizer.Decode(ids), Is.EqualTo("😀"));
        Assert.That(Tokenizer.Decode(ids.SkipLast(1)), Does.StartWith("\uFFFD"));
        Assert.That(Tokenizer.Decode([1758]), Is.Empty);
        Assert.That(Tokenizer.Decode([]), Is.Empty);
    }

    [Test]
    public void AnIdThatStandsForNothingIsRefused()
    {
        Assert.That(Tokenizer.Count, Is.EqualTo(1772));
        Assert.That(() => Tokenizer.Decode([1772]), Throws.ArgumentException.With.Message.Contains("1772"));
        Assert.That(() => Tokenizer.Decode([-1]), Throws.ArgumentException);
    }

    [Test]
    public void ItKnowsWhichAddedTokensAreSpecial() =>
        Assert.That(Tokenizer.SpecialIds, Is.EquivalentTo(TokenizerFolder.Special.Where(token => TokenizerFolder.IsSpecial(token.Key)).Select(token => token.Value)));

    [Test]
    public void HalvesOfCharactersAreRefused()
    {
        foreach (string text in (string[])["a\uD800b", "\uDC00", "end\uD83D", "\uDC00\uD800"])
        {
            Assert.That(QwenTokenizer.Problem(text), Does.Contain("surrogate"));
            Assert.That(() => Tokenizer.Encode(text), Throws.ArgumentException);
        }
    }

    [Test]
    public void ControlCharactersComeBackAsTheyWere()
    {
        string text = string.Concat(Enumerable.Range(0, 0x120).Select(code => (char)code)) + "\u202E\uFEFF\uFFFF";
        Assert.That(Tokenizer.Decode(Tokenizer.Encode([new(text, false)])), Is.EqualTo(text));
    }

    [TestCase("<|im_end|>")]
    [TestCase("ab c! ")]
    [TestCase("\u4E2D\u6587\u3002")]
    [TestCase("\n  x")]
    [TestCase("e\u0301 ")]
    public void AMegabyteIsEncodedInTime(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        var watch = Stopwatch.StartNew();
        Assert.That(Tokenizer.Decode(Tokenizer.Encode([new(text, false)])), Is.EqualTo(ComposedText.Of(text)));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    [TestCase("a")]
    [TestCase(" ")]
    [TestCase("!")]
    [TestCase("\n ")]
    public void RunsThatWouldTakeMinutesAreRefused(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 10_000));
        Assert.That(Tokenizer.Decode(Tokenizer.Encode([new(text[..10_000], false)])), Is.EqualTo(text[..10_000]));
        Assert.That(() => Tokenizer.Encode([new(text + text, false)]), Throws.ArgumentException.With.Message.Contains("at most 10000"));
    }

    [Test]
    public void ItIsSafeToUseFromSeveralThreads() => Parallel.For(0, 200, at =>
    {
        TokenizerCase one = TokenizerCase.All[at % TokenizerCase.All.Count];
        Assert.That(Tokenizer.Encode(one.Text), Is.EqualTo(one.Ids));
    });
}
