using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>The toy policy keeps to the contract of policies; what is kept here is what its other tests rest on.</summary>
public class TextPolicyTests
{
    private DrSegModel _model = null!;

    [SetUp]
    public void MakeTheModel() => _model = TextModel.Changed();

    [TearDown]
    public void DisposeTheModel() => _model.Dispose();

    private Look TakeLook(params SegmentationExample[] examples) => Look.Take(
        _model.Policy, _model.Segmenter, [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))], 6, new AnswerSampling(1f, FirstGreedy: false, Seed: 3));

    private static (Tensor Tokens, Tensor Mask) Laid(GeneratedAnswer[][] answers)
    {
        int longest = answers.Max(own => own.Max(answer => answer.Tokens.Length));
        IEnumerable<GeneratedAnswer> all = answers.SelectMany(own => own);
        long[] shape = [answers.Length, answers[0].Length, longest];
        return (tensor([.. all.SelectMany(answer => Enumerable.Range(0, longest).Select(t => t < answer.Tokens.Length ? (long)answer.Tokens[t] : 0))], shape),
            tensor([.. all.SelectMany(answer => Enumerable.Range(0, longest).Select(t => t < answer.Tokens.Length ? 1f : 0))], shape));
    }

    private float[] Score(Look look, bool reference = false)
    {
        using var scope = NewDisposeScope();
        (Tensor tokens, Tensor mask) = Laid(look.Answers);
        using ScoredTokens scored = _model.Policy.Score(look.Prompts, tokens, mask, new ScoreOptions { Gradient = true, Reference = reference });
        Assert.That(scored.Entropy, Is.Null);
        Assert.That(scored.LogProbabilities.requires_grad, Is.EqualTo(!reference));
        return [.. scored.LogProbabilities.detach().data<float>()];
    }

    [Test]
    public void AnswersAreDrawnByPromptAndPlaceAloneAndScoredAsDrawn()
    {
        SegmentationExample[] examples = TextModelRow.Examples(0, 6);
        using Look together = TakeLook(examples), reversed = TakeLook([.. examples.Reverse()]);
        for (int i = 0; i < examples.Length; i++)
        {
            using Look alone = TakeLook(examples[i]);
            string?[] Texts(GeneratedAnswer[] answers) => [.. answers.Select(answer => answer.Text)];
            Assert.That(Texts(together.Answers[i]), Is.EqualTo(Texts(alone.Answers[0])));
            Assert.That(Texts(reversed.Answers[^(i + 1)]), Is.EqualTo(Texts(alone.Answers[0])));
        }
        GeneratedAnswer[] all = [.. together.Answers.SelectMany(own => own)];
        int longest = all.Max(answer => answer.Tokens.Length);
        Assert.That(Score(together), Is.EqualTo(all.SelectMany(answer => answer.LogProbabilities.Concat(new float[longest - answer.Tokens.Length]))).Within(1e-4));
        using PromptBatch some = together.Prompts.Subset([4, 1]);
        Assert.That(Score(together with { Prompts = some, Answers = [together.Answers[4], together.Answers[1]] })[0], Is.EqualTo(together.Answers[4][0].LogProbabilities[0]).Within(1e-4));
    }

    [Test]
    public void TheReferenceIsThePolicyWithoutItsAdapterUntilItIsFrozenWithOne()
    {
        using Look look = TakeLook(TextModelRow.Examples(0, 3));
        float[] changed = Score(look), untrained;
        using (DrSegModel fresh = TextModel.Fresh())
        {
            fresh.Policy.FreezeReference();
            Assert.That(fresh.Policy.ReferenceTensors(), Is.Empty);
            (DrSegModel own, _model) = (_model, fresh);
            untrained = Score(look);
            TextModel.Change(fresh);
            Assert.That(Score(look, reference: true), Is.EqualTo(untrained));
            _model = own;
        }
        _model.Policy.FreezeReference();
        Assert.That(_model.Policy.ReferenceTensors().Keys, Is.EquivalentTo(new[] { "down", "up", "spelling" }));
        Assert.That(Score(look, reference: true), Is.EqualTo(changed).And.Not.EqualTo(untrained));
        _model.Policy.RestoreReference(new Dictionary<string, Tensor>());
        Assert.That(Score(look, reference: true), Is.EqualTo(untrained));
    }

    [Test]
    public void WeightsThatAreNoNumbersDrawNoAnswers()
    {
        using (no_grad()) _model.Policy.Parameters().First().fill_(float.NaN);
        Assert.That(() => TakeLook(TextModelRow.Examples(0, 1)), Throws.InstanceOf<InvalidOperationException>().With.Message.Contains("is NaN: its weights are damaged"));
    }

    [Test]
    public void AReferenceOfOtherTensorsIsNamed()
    {
        using IVisionLanguagePolicy table = new TablePolicy();
        table.FreezeReference();
        using Tensor other = zeros(2);
        Assert.That(() => table.RestoreReference(new Dictionary<string, Tensor> { ["table"] = other }), Throws.TypeOf<InvalidDataException>().With.Message.Contains("The reference's tensor 'table' is [2] in the checkpoint and ["));
        Assert.That(() => table.RestoreReference(new Dictionary<string, Tensor>()), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'table' is missing in the checkpoint"));
    }
}
