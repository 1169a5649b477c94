using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[TestFixtureSource(typeof(ReferenceModel), nameof(ReferenceModel.Names))]
public class AnswerScoringTests(string name) : TinyQwenFixture(name)
{
    private static AnswerScoring Scoring(TinyQwen tiny, TokenDistribution distribution, LoraAdapter? adapter, Tensor tokens, Tensor mask, int prompt = 1, TextPrompt? asked = null) =>
        new(tiny.Model, distribution, adapter, asked ?? tiny.Prompts[prompt], tokens.select(0, 0), mask.select(0, 0));

    private static double Largest(Tensor difference) => difference.abs().max().item<float>();

    [Test]
    public void AGroupBehindASharedPromptIsAsProbableAsUpstream()
    {
        using var distribution = new TokenDistribution(Tiny.Model, []);
        using var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, null, Tiny.Answers(), ones(1, 3, 7))], gradient: false, EntropyUse.Figure);
        Assert.That(scores.LogProbabilities.requires_grad, Is.False);
        Assert.That(Largest(scores.LogProbabilities.select(0, 0) - Tiny.Reference.Data("group.log_probabilities")), Is.LessThan(5e-4));
        Tensor all = Tiny.Reference.Data("group.logits").log_softmax(-1);
        Assert.That(Largest(scores.Entropy!.select(0, 0) + (all.exp() * all).sum(-1)), Is.LessThan(5e-4));
    }

    [Test]
    public void GradientsOfAllWeightsAreUpstreams()
    {
        foreach (Tensor weight in Tiny.Model.Weights.Values.Concat(Tiny.Tower.Weights.Values)) weight.requires_grad_(true);
        VisionFeatures seen = Tiny.Encode(1);
        // The text model's way back ends at the image's features; the tower's goes on from there.
        using var leaves = new VisionFeatures(seen.Tokens.detach().requires_grad_(true), [.. seen.Deepstack.Select(map => map.detach().requires_grad_(true))]);
        using TextPrompt prompt = Tiny.Prompt(1, Tiny.Reference.Prompts[1], leaves);
        using var distribution = new TokenDistribution(Tiny.Model, [], atATime: 5);
        using var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, null, Tiny.Answers(), ones(1, 3, 7), asked: prompt)], gradient: true, EntropyUse.None);
        Tensor loss = (scores.LogProbabilities * Tiny.Reference.Data("gradient.weights")).sum();
        Tiny.Reference.RequireNear(loss, "gradient.loss", 5e-4);
        loss.backward();
        scores.Backward();
        Tensor[] heads = [seen.Tokens, .. seen.Deepstack];
        autograd.backward(heads, [.. leaves.Deepstack.Prepend(leaves.Tokens).Select(leaf => leaf.grad!)]);
        int compared = 0;
        foreach (string tensor in Tiny.Reference.DataNames.Where(key => key.StartsWith("gradient.", StringComparison.Ordinal) && key.EndsWith("weight", StringComparison.Ordinal) || key.EndsWith("bias", StringComparison.Ordinal)))
        {
            string weight = tensor["gradient.".Length..];
            if (!Tiny.Model.Weights.TryGetValue(weight, out Tensor? own)) own = Tiny.Tower.Weights[weight];
            Tiny.Reference.RequireNear(own.grad!, tensor, 1e-3);
            compared++;
        }
        Assert.That(compared, Is.GreaterThanOrEqualTo(6));
    }

    [Test]
    public void TheWayBackLayerByLayerIsThatOfTheWholeGraphOfEachAnswerAlone()
    {
        using LoraAdapter adapter = Adapters.Random(Tiny.Model.Shape, 3), plain = adapter.Copy();
        using var distribution = new TokenDistribution(Tiny.Model, [7, 8], atATime: 4);
        Tensor mask = Ragged(), weights = linspace(-1, 1, 21).view(1, 3, 7), spreads = linspace(0.3, -0.2, 21).view(1, 3, 7);
        using var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, adapter, Tiny.Answers(), mask)], gradient: true, EntropyUse.Loss);
        (scores.LogProbabilities * weights + scores.Entropy! * spreads).sum().backward();
        scores.Backward();
        Tensor loss = zeros(1);
        for (int answer = 0; answer < 3; answer++)
        {
            Tensor logits = Tiny.Logits(1, Tiny.AnswerTokens()[answer], plain);
            Tensor banned = zeros(320);
            banned[7] = float.NegativeInfinity;
            banned[8] = float.NegativeInfinity;
            Tensor all = (logits + banned).log_softmax(1), own = all.gather(1, Tiny.Answers()[0, answer].unsqueeze(1)).squeeze(1);
            // Minus infinity times a probability of 0 is no number.
            Tensor finite = all.masked_fill(banned.isinf(), 0), entropy = -(finite.exp() * finite).sum(1);
            Assert.That(Largest((own - scores.LogProbabilities[0, answer]) * mask[0, answer]), Is.LessThan(1e-5));
            Assert.That(Largest((entropy - scores.Entropy![0, answer]) * mask[0, answer]), Is.LessThan(1e-5));
            loss += ((own * weights[0, answer] + entropy * spreads[0, answer]) * mask[0, answer]).sum();
        }
        loss.backward();
        RequireTheSameGradients(adapter, plain);
        Assert.That(adapter.Parameters().All(parameter => Largest(parameter.grad!) > 0));
    }

    // To a millionth of the gradient's length.
    private static void RequireTheSameGradients(LoraAdapter found, LoraAdapter expected)
    {
        Tensor All(LoraAdapter adapter) => cat([.. adapter.Parameters().Select(parameter => parameter.grad!.flatten())]);
        Assert.That((All(found) - All(expected)).norm().item<float>(), Is.LessThan(1e-6 * All(expected).norm().item<float>()));
    }

    // The first answer is cut, one in the middle does not count at all, and a token inside is left out.
    private static Tensor Ragged()
    {
        Tensor mask = ones(1, 3, 7);
        mask[0, 0, 4] = 0;
        mask[0, 0, 5] = 0;
        mask[0, 0, 6] = 0;
        mask[0, 1] = 0;
        mask[0, 2, 3] = 0;
        return mask;
    }

    [Test]
    public void PartsOfTheTokensGiveWhatTheWholeGives()
    {
        using LoraAdapter whole = Adapters.Random(Tiny.Model.Shape, 3), parts = whole.Copy();
        LayerwiseScores Of(LoraAdapter adapter, int atATime)
        {
            using var distribution = new TokenDistribution(Tiny.Model, [], atATime);
            var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, adapter, Tiny.Answers(), ones(1, 3, 7))], gradient: true, EntropyUse.Loss);
            (scores.LogProbabilities.square().sum() + scores.Entropy!.square().sum()).backward();
            scores.Backward();
            return scores;
        }
        using LayerwiseScores one = Of(whole, 1000), many = Of(parts, 2);
        Assert.That(Largest(one.LogProbabilities - many.LogProbabilities), Is.LessThan(1e-6 * Largest(one.LogProbabilities)));
        RequireTheSameGradients(parts, whole);
    }

    [Test]
    public void PromptsThatAreRunOnceMoreGiveWhatKeptOnesGive()
    {
        using LoraAdapter kept = Adapters.Random(Tiny.Model.Shape, 3), again = kept.Copy();
        using var distribution = new TokenDistribution(Tiny.Model, []);
        float[] Scores(LoraAdapter adapter, long mostKeptBytes)
        {
            using var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, adapter, Tiny.Answers(), Ragged()), Scoring(Tiny, distribution, adapter, Tiny.Answers(), ones(1, 3, 7))], gradient: true, EntropyUse.Loss, mostKeptBytes);
            (scores.LogProbabilities.square().sum() + scores.Entropy!.square().sum()).backward();
            scores.Backward();
            return [.. scores.LogProbabilities.detach().data<float>()];
        }
        float[] expected = Scores(kept, LayerwiseScores.MostKeptBytes);
        // Room for the first prompt alone.
        using AnswerScoring one = Scoring(Tiny, distribution, again, Tiny.Answers(), Ragged());
        Assert.That(Scores(again, one.KeptBytes), Is.EqualTo(expected));
        foreach (var (found, gradient) in again.Parameters().Zip(kept.Parameters()))
            Assert.That(Largest(found.grad! - gradient.grad!), Is.Zero);
    }

    [Test]
    public void WhatWasDrawnIsScoredAsDrawn()
    {
        using LoraAdapter adapter = Adapters.Random(Tiny.Model.Shape, 3);
        using var distribution = new TokenDistribution(Tiny.Model, [1, 2, 3]);
        var answers = new DrawnAnswer[2][];
        for (int prompt = 0; prompt < 2; prompt++)
            answers[prompt] = new AnswerGenerator(Tiny.Model, distribution, [.. Enumerable.Range(10, 20)], 9).Generate([new(Tiny.Prompts[prompt], new PromptKey(prompt, 0))], 5, new AnswerSampling(1f, false, 2), adapter).Single();
        Tensor tokens = zeros([2, 5, 9], int64), mask = zeros(2, 5, 9);
        foreach (var (answer, prompt, place) in answers.SelectMany((own, prompt) => own.Select((answer, place) => (answer, prompt, place))))
            for (int t = 0; t < answer.Tokens.Count; t++)
            {
                tokens[prompt, place, t] = answer.Tokens[t];
                mask[prompt, place, t] = 1;
            }
        using var scores = LayerwiseScores.Of(
            [.. Enumerable.Range(0, 2).Select(prompt => new AnswerScoring(Tiny.Model, distribution, adapter, Tiny.Prompts[prompt], tokens[prompt], mask[prompt]))], gradient: false, EntropyUse.None);
        float[] drawn = [.. answers.SelectMany(own => own).SelectMany(answer => answer.LogProbabilities.Concat(new float[9 - answer.Tokens.Count]))];
        Assert.That(scores.LogProbabilities.data<float>().ToArray(), Is.EqualTo(drawn).Within(1e-5));
        Assert.That(scores.Entropy, Is.Null);
    }

    [Test]
    public void AnswersOfWhichNothingCountsCostNothingAndChangeNothing()
    {
        using LoraAdapter adapter = Adapters.Random(Tiny.Model.Shape, 3);
        using var distribution = new TokenDistribution(Tiny.Model, []);
        using AnswerScoring nothing = Scoring(Tiny, distribution, adapter, Tiny.Answers(), zeros(1, 3, 7));
        Assert.That(nothing.KeptBytes, Is.Zero);
        (Tensor scores, Tensor? entropy) = nothing.Score(entropy: true, keep: true);
        nothing.Backward(ones(3, 7), ones(3, 7));
        Assert.That(scores.count_nonzero().item<long>() + entropy!.count_nonzero().item<long>(), Is.Zero);
        Assert.That(adapter.Parameters().All(parameter => parameter.grad is null));
    }

    [Test]
    public void OneTokenAloneIsScoredFromThePromptsLast()
    {
        using var distribution = new TokenDistribution(Tiny.Model, []);
        Tensor mask = zeros(1, 3, 7);
        mask[0, 2, 0] = 1;
        using AnswerScoring scoring = Scoring(Tiny, distribution, null, Tiny.Answers(), mask);
        (Tensor scores, _) = scoring.Score(entropy: false, keep: false);
        Assert.That(scores[2, 0].item<float>(), Is.EqualTo(Tiny.Reference.Data("group.log_probabilities")[2, 0].item<float>()).Within(5e-4));
    }

    [Test]
    public void NothingIsLeftBehindOverFiftySteps()
    {
        using LoraAdapter adapter = Adapters.Random(Tiny.Model.Shape, 3);
        using var distribution = new TokenDistribution(Tiny.Model, [], atATime: 4);
        Tensor answers = Tiny.Answers(), mask = Ragged();
        long Step(bool goBack)
        {
            using (var scope = NewDisposeScope())
            {
                new AnswerGenerator(Tiny.Model, distribution, [1], 3).Generate([new(Tiny.Prompts[0], default)], 2, AnswerSampling.Greedy, adapter);
                using var scores = LayerwiseScores.Of([Scoring(Tiny, distribution, adapter, answers, mask)], gradient: true, EntropyUse.Figure);
                scores.LogProbabilities.sum().backward();
                if (goBack) scores.Backward();
            }
            foreach (var parameter in adapter.Parameters()) parameter.grad = null;
            return DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        }
        long first = Step(goBack: true);
        for (int step = 0; step < 50; step++) Assert.That(Step(goBack: step % 2 == 0), Is.EqualTo(first));
    }
}
