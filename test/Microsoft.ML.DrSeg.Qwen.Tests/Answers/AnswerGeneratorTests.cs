using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[TestFixtureSource(typeof(ReferenceModel), nameof(ReferenceModel.Names))]
public class AnswerGeneratorTests(string name) : TinyQwenFixture(name)
{
    private static readonly AnswerSampling Drawn = new(1.5f, FirstGreedy: true, Seed: 5);

    private TokenDistribution _distribution = null!;

    [SetUp]
    public void Load() => _distribution = new TokenDistribution(Tiny.Model, []);

    [TearDown]
    public void Free() => _distribution.Dispose();

    private DrawnAnswer[] Generate(int prompt, int answers, AnswerSampling sampling, int longest = 12, int[]? ends = null, PromptKey key = default, CancellationToken cancellation = default) =>
        new AnswerGenerator(Tiny.Model, _distribution, ends ?? [], longest).Generate([new(Tiny.Prompts[prompt], key)], answers, sampling, null, cancellation).Single();

    [Test]
    public void TheMostProbableAnswerIsUpstreams()
    {
        long[] expected = Tiny.Reference.Whole("generated");
        int length = expected.Length / 2;
        for (int prompt = 0; prompt < 2; prompt++)
            Assert.That(Generate(prompt, 1, AnswerSampling.Greedy, length)[0].Tokens, Is.EqualTo(expected[(prompt * length)..((prompt + 1) * length)]));
    }

    [Test]
    public void EveryTokenIsAsProbableAsWithoutACache()
    {
        using IDisposable withoutGradient = no_grad();
        for (int prompt = 0; prompt < 2; prompt++)
            foreach (DrawnAnswer answer in Generate(prompt, 4, Drawn))
            {
                Tensor all = Tiny.Logits(prompt, answer.Tokens).log_softmax(1);
                float[] expected = [.. answer.Tokens.Select((token, t) => all[t, token].item<float>())];
                Assert.That(answer.LogProbabilities, Is.EqualTo(expected).Within(1e-5));
            }
    }

    [Test]
    public void AnswersThatHaveEndedLeaveTheOthersAsTheyAre()
    {
        DrawnAnswer[] free = Generate(1, 6, Drawn);
        // Ends some of the answers early, and not all.
        int end = free[3].Tokens[4];
        DrawnAnswer[] ended = Generate(1, 6, Drawn, ends: [end]);
        for (int i = 0; i < free.Length; i++)
        {
            int[] expected = [.. free[i].Tokens.TakeWhile(token => token != end)];
            bool ends = expected.Length < 12;
            Assert.That(ended[i].Tokens, Is.EqualTo(ends ? expected.Append(end) : expected));
            Assert.That(ended[i].Ended, Is.EqualTo(ends));
            Assert.That(ended[i].LogProbabilities, Is.EqualTo(free[i].LogProbabilities.Take(ended[i].Tokens.Count)).Within(1e-5));
        }
        Assert.That(ended[3].Tokens, Has.Count.LessThanOrEqualTo(5));
        Assert.That(ended.Any(answer => !answer.Ended));
    }

    [Test]
    public void PromptsTogetherAreAnsweredAsEachAlone([Values] bool hasRoom)
    {
        // Of two lengths, one of them asked twice; with an end that some answers to each meet early.
        (int Prompt, PromptKey Key)[] asked = [(0, new(7, 0)), (1, new(8, 1)), (0, new(9, 0)), (1, new(7, 0))];
        int end = Generate(0, 5, Drawn, key: asked[0].Key)[2].Tokens[3];
        long most = hasRoom ? AnswerGenerator.MostCacheBytes : KeyValueCache.Bytes(Tiny.Model.Shape, 2 * Tiny.Prompts[0].Length, 10, 12, 4) + 1;
        DrawnAnswer[][] together = new AnswerGenerator(Tiny.Model, _distribution, [end], 12, most).Generate([.. asked.Select(one => new AskedPrompt(Tiny.Prompts[one.Prompt], one.Key))], 5, Drawn, null);
        for (int i = 0; i < asked.Length; i++)
            foreach ((DrawnAnswer found, DrawnAnswer alone) in together[i].Zip(Generate(asked[i].Prompt, 5, Drawn, ends: [end], key: asked[i].Key)))
            {
                Assert.That(found.Tokens, Is.EqualTo(alone.Tokens));
                Assert.That(found.LogProbabilities, Is.EqualTo(alone.LogProbabilities).Within(1e-5));
                Assert.That(found.Ended, Is.EqualTo(alone.Ended));
            }
        Assert.That(together.SelectMany(answers => answers).Select(answer => answer.Ended).Distinct().Count(), Is.EqualTo(2), "some end and some do not");
    }

    [Test]
    public void PromptsWhoseAnswersAllEndAtOnceLeaveTheOthers()
    {
        int first = Generate(0, 1, AnswerSampling.Greedy)[0].Tokens[0];
        int[] expected = [.. Generate(1, 1, AnswerSampling.Greedy, ends: [first])[0].Tokens];
        DrawnAnswer[][] together = new AnswerGenerator(Tiny.Model, _distribution, [first], 12).Generate([new(Tiny.Prompts[0], default), new(Tiny.Prompts[1], default)], 1, AnswerSampling.Greedy, null);
        Assert.That(together[0][0].Tokens, Is.EqualTo(new[] { first }));
        Assert.That(together[1][0].Tokens, Is.EqualTo(expected));
        Assert.That(new AnswerGenerator(Tiny.Model, _distribution, [], 12).Generate([], 1, AnswerSampling.Greedy, null), Is.Empty);
    }

    [Test]
    public void DrawsDependOnSeedPromptLookAndPlaceAlone()
    {
        int[][] Tokens(int answers, AnswerSampling sampling, PromptKey key) => [.. Generate(0, answers, sampling, key: key).Select(answer => answer.Tokens.ToArray())];
        int[][] six = Tokens(6, Drawn, new PromptKey(3, 1));
        Assert.That(Tokens(3, Drawn, new PromptKey(3, 1)), Is.EqualTo(six[..3]));
        Assert.That(six.Skip(1).Select(tokens => string.Join(' ', tokens)).Distinct().Count(), Is.GreaterThan(1));
        foreach (int[][] other in new[] { Tokens(6, Drawn with { Seed = 6 }, new PromptKey(3, 1)), Tokens(6, Drawn, new PromptKey(4, 1)), Tokens(6, Drawn, new PromptKey(3, 2)) })
        {
            Assert.That(other[0], Is.EqualTo(six[0]), "the first is greedy");
            Assert.That(other[1..], Is.Not.EqualTo(six[1..]));
        }
    }

    [Test]
    public void TokensAreDrawnAsOftenAsTheirProbabilitySays()
    {
        using IDisposable withoutGradient = no_grad();
        const int Answers = 4000;
        float[] expected = [.. Tiny.Model.Logits(Tiny.Hidden(Tiny.Prompts[0]).narrow(0, Tiny.Prompts[0].Length - 1, 1)).div(2f).softmax(1).data<float>()];
        var counts = new int[expected.Length];
        foreach (DrawnAnswer answer in Generate(0, Answers, new AnswerSampling(2f, false, 1), longest: 1)) counts[answer.Tokens[0]]++;
        for (int token = 0; token < expected.Length; token++)
            Assert.That(counts[token], Is.EqualTo(Answers * expected[token]).Within(5 * Math.Sqrt(Answers * expected[token]) + 3), $"token {token}");
    }

    [Test]
    public void ExcludedTokensAreNeverDrawnAndTheRestAreScoredWithoutThem()
    {
        using IDisposable withoutGradient = no_grad();
        int[] before = [.. Generate(1, 8, Drawn).SelectMany(answer => answer.Tokens).Distinct()];
        using var distribution = new TokenDistribution(Tiny.Model, before);
        DrawnAnswer[] answers = new AnswerGenerator(Tiny.Model, distribution, [], 12).Generate([new(Tiny.Prompts[1], default)], 8, Drawn, null).Single();
        Assert.That(answers.SelectMany(answer => answer.Tokens).Intersect(before), Is.Empty);
        Tensor logits = Tiny.Logits(1, answers[0].Tokens);
        Tensor admitted = tensor([.. Enumerable.Range(0, 320).Where(id => !before.Contains(id)).Select(id => (long)id)]);
        Tensor expected = logits.gather(1, tensor([.. answers[0].Tokens.Select(token => (long)token)]).unsqueeze(1)).squeeze(1) - logits.index_select(1, admitted).logsumexp(1);
        Assert.That(answers[0].LogProbabilities, Is.EqualTo(expected.data<float>().ToArray()).Within(1e-5));
    }

    [Test]
    public void DamagedWeightsAndWrongSettingsAreTold()
    {
        Assert.That(() => Generate(0, 1, new AnswerSampling(0f, false, 1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Generate(0, 0, Drawn), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => Generate(0, 1, Drawn, cancellation: cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        using (no_grad()) Tiny.Model.Weights["model.language_model.norm.weight"].fill_(float.NaN);
        Assert.That(() => Generate(0, 2, Drawn), Throws.InstanceOf<NonFiniteScoreException>());
    }
}
