using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenVocabularyTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void TokenizerJsonAloneIsEnough(bool pairsAsLists)
    {
        using var folder = new TokenizerFolder();
        folder.Join(pairsAsLists);
        var tokenizer = QwenTokenizer.Load(folder.Path);
        foreach (TokenizerCase one in TokenizerCase.All)
            Assert.That(tokenizer.Encode(one.Text), Is.EqualTo(one.Ids));
    }

    [Test]
    public void AnEmptyFolderIsToldWhatIsMissing()
    {
        using var folder = new TokenizerFolder();
        File.Delete(folder["merges.txt"]);
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("merges.txt").And.Message.Contains(folder.Path));
    }

    [Test]
    public void SpecialTokensMustBeKnown()
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer_config.json", new { model_max_length = 1 });
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("added_tokens_decoder"));
    }

    [Test]
    public void AMergeOfUnknownTokensIsNamed()
    {
        using var folder = new TokenizerFolder();
        File.AppendAllText(folder["merges.txt"], "zzq qqz\n");
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("zzq qqz"));
    }

    [Test]
    public void AVocabularyWithoutAllBytesIsRefused()
    {
        using var folder = new TokenizerFolder();
        File.WriteAllText(folder["vocab.json"], """{"a": 0, "b": 1}""");
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("byte"));
    }

    [TestCase("vocab.json", "{")]
    [TestCase("vocab.json", "[]")]
    [TestCase("vocab.json", """{"a": "x"}""")]
    [TestCase("vocab.json", """{"a": 1, "a": 2}""")]
    [TestCase("tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "y"}}}""")]
    [TestCase("tokenizer_config.json", """{"added_tokens_decoder": {"9": {"special": true}}}""")]
    [TestCase("tokenizer_config.json", """{"added_tokens_decoder": []}""")]
    public void ADamagedFileIsNamed(string name, string content)
    {
        using var folder = new TokenizerFolder();
        File.WriteAllText(folder[name], content);
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains(name));
    }

    [TestCase("0", "<|x|>")]
    [TestCase("5000", "")]
    public void AnAddedTokenMustBeOneOfItsOwn(string id, string content)
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer_config.json", new { added_tokens_decoder = new Dictionary<string, object> { [id] = new { content } } });
        Assert.That(() => QwenTokenizer.Load(folder.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"id {id}"));
    }

    [Test]
    public void AModelWithoutImagesIsTold()
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer_config.json", new { added_tokens_decoder = new Dictionary<string, object> { ["1757"] = new { content = "<|im_start|>", special = true }, ["1758"] = new { content = "<|im_end|>", special = true } } });
        var tokenizer = QwenTokenizer.Load(folder.Path);
        Assert.That(() => new ChatPrompt(tokenizer, QwenFamily.Qwen25), Throws.TypeOf<InvalidDataException>().With.Message.Contains("<|image_pad|>"));
    }
}
