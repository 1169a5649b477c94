using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenPreTokenizerTests
{
    [Test]
    public void EveryCaseIsCutAsInTheReference() => Assert.Multiple(() =>
    {
        // The reference's pieces are of the text with its added tokens still in it.
        foreach (TokenizerCase one in TokenizerCase.All)
            Assert.That(Cut(ComposedText.Of(one.Text)), Is.EqualTo(one.Pre));
    });

    [TestCase("a𠮷b", "a𠮷b")]
    [TestCase("!!𠮷野", "!!|𠮷野")]
    [TestCase("😀abc", "😀abc")]
    [TestCase("x𝟏𝟐y", "x|𝟏|𝟐|y")]
    [TestCase("'𝐬 '😀s", "'𝐬| '😀|s")]
    [TestCase(" 😀😀\n\nz", " 😀😀\n\n|z")]
    public void CharactersBeyondTheFirstPlaneAreWhatTheyAre(string text, string pieces) => Assert.That(Cut(text), Is.EqualTo(pieces.Split('|')));

    [Test]
    public void PiecesCoverTheTextWithoutGapsWhateverItIs()
    {
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => char.ConvertFromUtf32(random.Next(4) switch
            {
                0 => random.Next(0x80),
                1 => random.Next(0x80, 0xD800),
                2 => random.Next(0x10000, 0x30000),
                _ => " \n'st09"[random.Next(7)],
            })));
            Assert.That(string.Concat(Cut(text)), Is.EqualTo(text));
        }
    }

    private static IEnumerable<string> Cut(string text) => new QwenPreTokenizer().PreTokenize(text).Select(piece => text.Substring(piece.Offset, piece.Length));
}
