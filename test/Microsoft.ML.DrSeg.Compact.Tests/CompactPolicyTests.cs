using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact.Tests;

public class CompactPolicyTests
{
    private static readonly AnswerSampling Sampled = new(1f, FirstGreedy: false, Seed: 3);

    private static PolicyPrompt Prompt(DrSegModel model, SegmentationExample example) =>
        new(ImageView.Whole(example.Image), example.Query, example.Id);

    private static GeneratedAnswer[][] Generate(DrSegModel model, IEnumerable<SegmentationExample> examples, int answers, AnswerSampling sampling)
    {
        using PromptBatch batch = model.Policy.Prepare([.. examples.Select(example => Prompt(model, example))]);
        return model.Policy.Generate(batch, answers, sampling);
    }

    /// <summary>Token by token over cached keys and values must be what one pass over the whole answer is.</summary>
    [Test]
    public void GeneratedLogProbabilitiesAreThoseOfTheWholeAnswer([Values(1, 2, 5)] int prompts, [Values(1, 4)] int answers, [Values] bool trained, [Values] bool lists)
    {
        using DrSegModel model = (trained, lists) switch
        {
            (true, false) => TinyModel.Trained(),
            (true, true) => TinyModel.TrainedLists(),
            _ => TinyModel.Fresh(lists: lists),
        };
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using PromptBatch batch = model.Policy.Prepare([.. TinyModel.Examples(prompts).Select(example => Prompt(model, example))]);
        GeneratedAnswer[] generated = [.. model.Policy.Generate(batch, answers, Sampled).SelectMany(group => group)];
        int length = generated.Max(answer => answer.Tokens.Length);
        // Padding may hold any token: it must not reach the tokens before it.
        var tokens = new long[generated.Length * length];
        var mask = new float[tokens.Length];
        for (int i = 0; i < generated.Length; i++)
            for (int t = 0; t < length; t++)
                (tokens[i * length + t], mask[i * length + t]) = t < generated[i].Tokens.Length ? (generated[i].Tokens[t], 1f) : (t % 3, 0f);
        using ScoredTokens scored = model.Policy.Score(batch, tensor(tokens, [prompts, answers, length]), tensor(mask, [prompts, answers, length]), new ScoreOptions());
        float[] forced = scored.LogProbabilities.contiguous().data<float>().ToArray();
        for (int i = 0; i < generated.Length; i++)
            for (int t = 0; t < length; t++)
                Assert.That(forced[i * length + t], t < generated[i].Tokens.Length ? Is.EqualTo(generated[i].LogProbabilities[t]).Within(1e-4) : Is.Zero, $"answer {i}, token {t}");
    }

    [Test]
    public void EntropyIsComputedWhereItIsAskedForWithAGradientWhereTheLossHasIt([Values] EntropyUse use, [Values] bool gradient)
    {
        using DrSegModel model = TinyModel.Trained();
        using var scope = NewDisposeScope();
        using PromptBatch batch = model.Policy.Prepare([Prompt(model, TinyModel.Example(1))]);
        Tensor tokens = tensor(new long[] { model.CompactPolicy.Grammar.Look, 1, 2 }, [1, 1, 3]), mask = tensor(new float[] { 1, 1, 0 }, [1, 1, 3]);
        using ScoredTokens scored = model.Policy.Score(batch, tokens, mask, new ScoreOptions { Gradient = gradient, Entropy = use });
        Assert.That(scored.LogProbabilities.requires_grad, Is.EqualTo(gradient));
        if (use == EntropyUse.None)
        {
            Assert.That(scored.Entropy, Is.Null);
            return;
        }
        Assert.That(scored.Entropy!.requires_grad, Is.EqualTo(gradient && use == EntropyUse.Loss));
        // By the definition, from the scores of every token that could stand there.
        double[] expected = [.. Enumerable.Range(0, 2).Select(at =>
        {
            double Log(int token)
            {
                Tensor other = tokens.clone();
                other[0, 0, at] = token;
                using ScoredTokens one = model.Policy.Score(batch, other, mask, new ScoreOptions());
                return one.LogProbabilities[0, 0, at].item<float>();
            }
            return -Enumerable.Range(0, model.CompactPolicy.Grammar.Start).Select(Log).Sum(log => Math.Exp(log) * log);
        }), 0];
        Assert.That(scored.Entropy.detach().data<float>().ToArray(), Is.EqualTo(expected).Within(1e-4));
    }

    [Test]
    public void AnAnswerDoesNotDependOnTheBatchItIsIn()
    {
        using DrSegModel model = TinyModel.Trained();
        SegmentationExample[] examples = TinyModel.Examples(6);
        GeneratedAnswer[][] together = Generate(model, examples, 3, Sampled), reversed = Generate(model, examples.Reverse(), 3, Sampled);
        for (int i = 0; i < examples.Length; i++)
        {
            GeneratedAnswer[] alone = Generate(model, [examples[i]], 3, Sampled)[0];
            for (int g = 0; g < alone.Length; g++)
            {
                Assert.That(together[i][g].Tokens, Is.EqualTo(alone[g].Tokens));
                Assert.That(reversed[^(i + 1)][g].Tokens, Is.EqualTo(alone[g].Tokens));
                Assert.That(together[i][g].LogProbability, Is.EqualTo(alone[g].LogProbability).Within(1e-4));
            }
        }
    }

    [Test]
    public void AnswersToPartOfABatchAreThoseToItsPrompts()
    {
        using DrSegModel model = TinyModel.Trained();
        using PromptBatch all = model.Policy.Prepare([.. TinyModel.Examples(6).Select(example => Prompt(model, example))]);
        GeneratedAnswer[][] answers = model.Policy.Generate(all, 3, Sampled);
        using PromptBatch part = all.Subset([4, 0, 3]);
        Assert.That(part.Prompts, Is.EqualTo(new[] { all.Prompts[4], all.Prompts[0], all.Prompts[3] }));
        all.Dispose();
        Assert.That(model.Policy.Generate(part, 3, Sampled).Select(group => group.Select(answer => answer.Tokens)),
            Is.EqualTo(new[] { answers[4], answers[0], answers[3] }.Select(group => group.Select(answer => answer.Tokens))));
    }

    [Test]
    public void PromptsOfAnotherPolicyAreAnError()
    {
        using DrSegModel model = TinyModel.Fresh();
        using var other = new TablePolicy();
        using PromptBatch batch = other.Prepare([Prompt(model, TinyModel.Example(0))]);
        using Tensor tokens = zeros([1, 1, 1], int64), mask = ones(1, 1, 1);
        Assert.That(() => model.Policy.Generate(batch, 1, Sampled), Throws.ArgumentException.With.Message.Contains("prepared by another policy"));
        Assert.That(() => model.Policy.Score(batch, tokens, mask, new ScoreOptions()), Throws.ArgumentException.With.Message.Contains("prepared by another policy"));
    }

    [Test]
    public void GreedyIsTheSameForEverySeedAndSampledIsNot()
    {
        using DrSegModel model = TinyModel.Trained();
        SegmentationExample[] examples = TinyModel.Examples(4);
        string Tokens(ulong seed, int place) =>
            string.Join(" ", Generate(model, examples, 2, new AnswerSampling(1f, FirstGreedy: true, seed)).SelectMany(group => group[place].Tokens));
        Assert.That(Tokens(1, place: 0), Is.EqualTo(Tokens(2, place: 0)));
        Assert.That(Tokens(1, place: 1), Is.EqualTo(Tokens(1, place: 1)));
        Assert.That(Tokens(1, place: 1), Is.Not.EqualTo(Tokens(2, place: 1)));
    }

    [Test]
    public void TheStartMarkerIsNeverGenerated()
    {
        using DrSegModel model = TinyModel.Fresh();
        int start = model.CompactPolicy.Grammar.Start;
        Assert.That(Generate(model, TinyModel.Examples(4), 32, Sampled).SelectMany(group => group).SelectMany(answer => answer.Tokens), Has.All.InRange(0, start - 1));
    }

    [Test]
    public void AnAnswerThatWasCutOffHasNotEnded([Values] bool trained)
    {
        using DrSegModel model = trained ? TinyModel.Trained() : TinyModel.Fresh();
        int end = model.CompactPolicy.Grammar.End;
        GeneratedAnswer[] answers = [.. Generate(model, TinyModel.Examples(4), 32, Sampled).SelectMany(group => group)];
        Assert.That(answers.Where(answer => !answer.Ended).Select(answer => (answer.Tokens.Length, answer.Tokens.Contains(end))), Is.All.EqualTo((model.Policy.LongestAnswer, false)));
        Assert.That(answers.Where(answer => answer.Ended).Select(answer => Array.IndexOf(answer.Tokens, end) - answer.Tokens.Length), Is.All.EqualTo(-1));
        Assert.That(answers.Count(answer => answer.Ended), trained ? Is.GreaterThan(answers.Length / 2) : Is.LessThan(answers.Length));
    }

    [Test]
    public void DamagedWeightsAreAnErrorAndNoAnswer()
    {
        using DrSegModel model = TinyModel.Fresh();
        using (no_grad())
            model.Policy.Parameters().First().fill_(float.NaN);
        Assert.That(() => Generate(model, TinyModel.Examples(1), 1, Sampled), Throws.InstanceOf<InvalidOperationException>().With.Message.Contains("damaged"));
    }
}
