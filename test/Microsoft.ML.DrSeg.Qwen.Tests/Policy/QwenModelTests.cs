using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenModelTests
{
    private DrSegModel _model = null!;

    [OneTimeSetUp]
    public void Load() => _model = TaughtQwen.Folder.Load();

    [OneTimeTearDown]
    public void Dispose() => _model.Dispose();

    private static string[] Answers(DrSegModel model, PolicyPrompt[] prompts, AnswerSampling sampling, int answers = 1)
    {
        using PromptBatch batch = model.Policy.Prepare(prompts);
        return [.. model.Policy.Generate(batch, answers, sampling).SelectMany(own => own.Select(answer => $"{string.Join(' ', answer.Tokens)} {answer.LogProbability:R} {answer.ToText()}"))];
    }

    private static string[] Texts(DrSegModel model, PolicyPrompt[] prompts)
    {
        using PromptBatch batch = model.Policy.Prepare(prompts);
        return [.. model.Policy.Generate(batch, 1, AnswerSampling.Greedy).Select(own => own[0].Text!)];
    }

    // As training would leave it, but at once.
    private static void Change(DrSegModel model, int seed)
    {
        using IDisposable withoutGradient = no_grad();
        manual_seed(seed);
        foreach (TorchSharp.Modules.Parameter parameter in model.Policy.Parameters()) parameter.add_(randn_like(parameter).mul(.02));
    }

    [Test]
    public void ItLearnedTheFormOfAnswers()
    {
        Assert.That(TaughtQwen.Losses[^10..].Average(), Is.LessThan(0.3 * TaughtQwen.Losses[..10].Average()));
        using PromptBatch prompts = _model.Policy.Prepare(TaughtQwen.Prompts(10_000, 8));
        GeneratedAnswer[] answers = [.. _model.Policy.Generate(prompts, 2, new AnswerSampling(1, FirstGreedy: true, Seed: 1)).SelectMany(own => own)];
        Assert.That(answers.Count(answer => answer.Failure is null), Is.GreaterThan(8));
        Assert.That(answers.Where(answer => answer.Objects is not null).SelectMany(answer => answer.Objects!), Has.All.Matches<SegmentedObject>(one =>
            one.Box.X0 >= 0 && one.Box.X1 <= TinyQwenFolder.ImageSide && one.Box.X0 < one.Box.X1));
    }

    [Test]
    public void AnAnswerDependsOnItsPromptAndSeedAloneAndNotOnTheBatch()
    {
        PolicyPrompt[] prompts = TaughtQwen.Prompts(20, 3);
        var sampling = new AnswerSampling(1, FirstGreedy: false, Seed: 7);
        GeneratedAnswer[] Of(PolicyPrompt[] asked, int place)
        {
            using PromptBatch batch = _model.Policy.Prepare(asked);
            return _model.Policy.Generate(batch, 4, sampling)[place];
        }
        // Log-probabilities are rounded otherwise where more rows are computed together.
        foreach ((GeneratedAnswer together, GeneratedAnswer own) in Of(prompts, 1).Zip(Of(prompts[1..2], 0)))
        {
            Assert.That(together.Tokens, Is.EqualTo(own.Tokens));
            Assert.That(together.LogProbabilities, Is.EqualTo(own.LogProbabilities).Within(1e-4));
        }
        string[] alone = Answers(_model, prompts[1..2], sampling, 4);
        Assert.That(Answers(_model, prompts[1..2], sampling with { Seed = 8 }, 4), Is.Not.EqualTo(alone));
        Assert.That(Answers(_model, prompts[1..2], sampling, 4), Is.EqualTo(alone));
    }

    [Test]
    public void WhatIsScoredIsWhatWasDrawn()
    {
        using PromptBatch prompts = _model.Policy.Prepare(TaughtQwen.Prompts(40, 2));
        GeneratedAnswer[][] answers = _model.Policy.Generate(prompts, 3, new AnswerSampling(1, FirstGreedy: false, Seed: 3));
        int length = answers.Max(own => own.Max(answer => answer.Tokens.Length));
        long[] tokens = [.. answers.SelectMany(own => own.SelectMany(answer => answer.Tokens.Select(id => (long)id).Concat(Enumerable.Repeat(0L, length - answer.Tokens.Length))))];
        float[] mask = [.. answers.SelectMany(own => own.SelectMany(answer => Enumerable.Range(0, length).Select(at => at < answer.Tokens.Length ? 1f : 0f)))];
        using Tensor ids = tensor(tokens, [2, 3, length]), counts = tensor(mask, [2, 3, length]);
        using ScoredTokens scored = _model.Policy.Score(prompts, ids, counts, new ScoreOptions());
        float[] found = scored.LogProbabilities.data<float>().ToArray();
        float[] expected = [.. answers.SelectMany(own => own.SelectMany(answer => answer.LogProbabilities.Concat(Enumerable.Repeat(0f, length - answer.Tokens.Length))))];
        Assert.That(found, Is.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void ACopySharesTheFrozenWeightsAndNothingElse()
    {
        using DrSegModel copy = _model.Clone();
        Assert.That(((QwenPolicy)copy.Policy).Weights, Is.SameAs(((QwenPolicy)_model.Policy).Weights));
        Assert.That(((SharedSegmenter)copy.Segmenter).Segmenter, Is.SameAs(((SharedSegmenter)_model.Segmenter).Segmenter));
        PolicyPrompt[] prompts = TaughtQwen.Prompts(60, 2);
        string[] before = Answers(_model, prompts, AnswerSampling.Greedy);
        Assert.That(Answers(copy, prompts, AnswerSampling.Greedy), Is.EqualTo(before));
        Change(copy, 1);
        Assert.That(Answers(_model, prompts, AnswerSampling.Greedy), Is.EqualTo(before));
        Assert.That(Answers(copy, prompts, AnswerSampling.Greedy), Is.Not.EqualTo(before));
    }

    /// <summary>What one model made of an image at its size was once given to another that shows it at another size.</summary>
    [Test]
    public void ModelsThatShareWeightsShowAnImageEachAtItsOwnSize()
    {
        using DrSegModel small = TaughtQwen.Folder.Load(TinyQwenFolder.Options with { Recipe = TinyQwenFolder.Recipe with { Sizing = new FixedSizing(new(56, 56)) } });
        PolicyPrompt[] prompts = TaughtQwen.Prompts(70, 1);
        string[] large = Answers(_model, prompts, AnswerSampling.Greedy), smaller = Answers(small, prompts, AnswerSampling.Greedy);
        // The same again, where nothing was seen before: prompts of another image that holds the same.
        PolicyPrompt[] anew = TaughtQwen.Prompts(70, 1);
        Assert.That(Answers(small, anew, AnswerSampling.Greedy), Is.EqualTo(smaller));
        Assert.That(Answers(_model, anew, AnswerSampling.Greedy), Is.EqualTo(large));
    }

    [Test]
    public void TheReferenceIsTheModelWithoutItsAdapterOrACopyOfWhatItSaidAtFirst()
    {
        using DrSegModel model = _model.Clone();
        model.Policy.FreezeReference();
        Assert.That(model.Policy.ReferenceTensors(), Is.Empty);
        Change(model, 2);
        model.Policy.FreezeReference();
        var kept = model.Policy.ReferenceTensors().ToDictionary(tensor => tensor.Key, tensor => tensor.Value.clone());
        Assert.That(kept, Has.Count.EqualTo(model.Policy.Parameters().Count()));
        using DrSegModel resumed = _model.Clone();
        resumed.Policy.RestoreReference(kept);
        Assert.That(resumed.Policy.ReferenceTensors().Select(tensor => tensor.Value.data<float>().ToArray()), Is.EqualTo(kept.Select(tensor => tensor.Value.data<float>().ToArray())));
        Assert.That(() => resumed.Policy.RestoreReference(kept.Skip(1).ToDictionary()), Throws.TypeOf<InvalidDataException>().With.Message.Contains("adapter has"));
    }

    [Test]
    public void AFileHoldsWhatWasTrainedAndKnowsItsBase()
    {
        using var folder = new TemporaryFolder();
        using DrSegModel model = _model.Clone();
        Change(model, 3);
        model.Threshold = 0.4f;
        model.Save(folder.File("trained.drseg"));
        Assert.That(new FileInfo(folder.File("trained.drseg")).Length, Is.LessThan(2_000_000));
        using var loaded = DrSegModel.Load(folder.File("trained.drseg"));
        PolicyPrompt[] prompts = TaughtQwen.Prompts(80, 2);
        Assert.That(Answers(loaded, prompts, AnswerSampling.Greedy), Is.EqualTo(Answers(model, prompts, AnswerSampling.Greedy)));
        Assert.That(loaded.Threshold, Is.EqualTo(0.4f));

        using var moved = new TemporaryFolder();
        Directory.Move(TaughtQwen.Folder.Model, moved.File("qwen"));
        try
        {
            Assert.That(() => DrSegModel.Load(folder.File("trained.drseg")), Throws.TypeOf<InvalidDataException>().With.Message.Contains(TaughtQwen.Folder.Model).And.Message.Contains("DRSEG_MODELS"));
            Environment.SetEnvironmentVariable("DRSEG_MODELS", moved.Path);
            using (var elsewhere = DrSegModel.Load(folder.File("trained.drseg")))
                Assert.That(Answers(elsewhere, prompts, AnswerSampling.Greedy), Is.EqualTo(Answers(model, prompts, AnswerSampling.Greedy)));
            File.AppendAllText(moved.File("qwen/merges.txt"), "\n");
            Assert.That(() => DrSegModel.Load(folder.File("trained.drseg")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("is another one"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DRSEG_MODELS", null);
            File.WriteAllText(moved.File("qwen/merges.txt"), "#version: 0.2\n");
            Directory.Move(moved.File("qwen"), TaughtQwen.Folder.Model);
        }
    }

    [Test]
    public void AnAdapterIsWrittenAsPeftLaysItOutAndReadAgain()
    {
        using var folder = new TemporaryFolder();
        using DrSegModel model = _model.Clone();
        Change(model, 4);
        model.SaveAdapter(folder.File("adapter"));
        using var tensors = SafetensorsFolder.Open(folder.File("adapter/adapter_model.safetensors"));
        Assert.That(tensors.Shapes.Keys, Has.All.Matches<string>(name => Regex.IsMatch(name,
            @"^base_model\.model\.model\.language_model\.layers\.[01]\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\.lora_[AB]\.weight$")));
        Assert.That(tensors.Shapes, Has.Count.EqualTo(2 * 7 * 2));
        Assert.That(File.ReadAllText(folder.File("adapter/adapter_config.json")), Does.Contain("\"peft_type\"").And.Contains(".*language_model.*").And.Contains("\"r\": 8"));

        using DrSegModel again = TaughtQwen.Folder.Load(TinyQwenFolder.Options with { Adapter = folder.File("adapter") });
        PolicyPrompt[] prompts = TaughtQwen.Prompts(90, 2);
        Assert.That(Answers(again, prompts, AnswerSampling.Greedy), Is.EqualTo(Answers(model, prompts, AnswerSampling.Greedy)));
        model.SaveMerged(folder.File("merged"));
        using DrSegModel merged = QwenModel.Load(folder.File("merged"), TaughtQwen.Folder.Segmenter, TinyQwenFolder.Options);
        Assert.That(Texts(merged, prompts), Is.EqualTo(Texts(model, prompts)));
    }

    [Test]
    public void ACloserLookIsAnsweredInPixelsOfTheWholeImage()
    {
        RgbImage image = TinyScenes.Of(5).Image;
        var box = new BoundingBox(70, 70, 100, 100);
        var view = ImageView.Around(image, box, SegmentationMask.FromBox(box, image.Width, image.Height));
        using PromptBatch prompts = _model.Policy.Prepare([new PolicyPrompt(view, "red", 1, Look: 1)]);
        GeneratedAnswer answer = _model.Policy.Generate(prompts, 1, AnswerSampling.Greedy)[0][0];
        var shown = ShownImage.Of(view);
        Assert.That(answer.Failure, Is.Null, answer.ToText());
        Assert.That(answer.Box!.Value.X0, Is.GreaterThanOrEqualTo(shown.Left));
        Assert.That(answer.Box!.Value.X1, Is.LessThanOrEqualTo(shown.Left + shown.Image.Width));
        // The text speaks of the view as the model was shown it.
        var said = (TextAnswer)TinyQwenFolder.Recipe.Read(answer.Text!, new AnswerFrame(shown.Size, new(TinyQwenFolder.ImageSide, TinyQwenFolder.ImageSide)));
        Assert.That(answer.Objects![0].Box, Is.EqualTo(shown.ToWhole(said.Objects[0]).Box));
    }

    [Test]
    public void APromptThatIsTooLongIsRefusedAndNotCut()
    {
        using DrSegModel model = TaughtQwen.Folder.Load(TinyQwenFolder.Options with { LongestPrompt = 60 });
        Assert.That(() => model.Policy.Prepare(TaughtQwen.Prompts(3, 1)), Throws.InvalidOperationException.With.Message
            .Contains("The prompt of example 3 has 80 tokens, 16 of them its image's").And.Message.Contains("LongestPrompt allows 60"));
    }

    [Test]
    public void AnImageThatIsTooThinIsNamed()
    {
        using DrSegModel model = TaughtQwen.Folder.Load(TinyQwenFolder.Options with { Recipe = TinyQwenFolder.Recipe with { Sizing = new SmartSizing() } });
        Assert.That(() => model.Policy.Prepare([new PolicyPrompt(ImageView.Whole(new RgbImage(3000, 10)), "red", 77)]),
            Throws.InvalidOperationException.With.Message.Contains("The image of example 77").And.Message.Contains("200 times"));
    }

    [Test]
    public void AQueryThatCannotBeAskedIsNamed()
    {
        Assert.That(_model.Policy.CheckQuery(" "), Does.Contain("blank"));
        Assert.That(_model.Policy.CheckQuery($"a{(char)0xD800}"), Does.Contain("surrogate"));
        Assert.That(_model.Policy.CheckQuery("a red thing"), Is.Null);
    }

    [Test]
    public void FoldersThatAreSomethingElseAreNamed()
    {
        using var empty = new TemporaryFolder();
        Assert.That(() => QwenModel.Load(empty.File("nowhere"), TaughtQwen.Folder.Segmenter), Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("nowhere"));
        Assert.That(() => QwenModel.Load(empty.Path, TaughtQwen.Folder.Segmenter), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("model.safetensors"));
        Assert.That(() => QwenModel.Load(TaughtQwen.Folder.Segmenter, TaughtQwen.Folder.Segmenter), Throws.TypeOf<InvalidDataException>().With.Message.Contains("sam2"));
        Assert.That(() => QwenModel.Load(TaughtQwen.Folder.Model, empty.File("sam.pt")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("sam.pt"));
        Assert.That(() => QwenModel.Load(TaughtQwen.Folder.Model, TaughtQwen.Folder.Model), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => TaughtQwen.Folder.Load(TinyQwenFolder.Options with { LongestAnswer = 0 }), Throws.InstanceOf<ArgumentException>().With.Message.Contains("LongestAnswer"));
    }
}
