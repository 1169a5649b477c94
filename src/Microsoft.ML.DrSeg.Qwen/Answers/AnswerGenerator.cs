using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Generates the answers to a prompt together: the prompt is run once, its keys and values serve them all, and an answer that has
/// ended leaves the batch. Takes no gradient.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="distribution">Its distribution of tokens; both stay the caller's.</param>
/// <param name="ends">Ids of tokens that end an answer.</param>
/// <param name="longestAnswer">Tokens after which an answer is cut off, at least 1.</param>
internal sealed class AnswerGenerator(TextModel model, TokenDistribution distribution, IReadOnlyCollection<int> ends, int longestAnswer)
{
    /// <summary>Generates answers.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="key">Fixes the draws, with the sampling's seed and an answer's place.</param>
    /// <param name="answers">How many, at least 1.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <param name="adapter">What training has changed; null for the model as it was read.</param>
    /// <param name="cancellation">Looked at before every token.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="NonFiniteScoreException">The model's scores are not finite.</exception>
    public DrawnAnswer[] Generate(TextPrompt prompt, PromptKey key, int answers, AnswerSampling sampling, LoraAdapter? adapter, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        if (!(sampling.Temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(sampling), sampling.Temperature, "The temperature must be above 0; for the most probable answer use AnswerSampling.Greedy.");
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        using var cache = new KeyValueCache(model.Shape, answers, prompt.Length + longestAnswer, model.Type, model.Device);
        DrawnAnswer[] all = [.. Enumerable.Range(0, answers).Select(place => new DrawnAnswer(key, place, sampling))];
        DrawnAnswer[] growing = all;
        Tensor hidden = ReadPrompt(prompt, adapter, cache);
        for (int length = 1; ; length++)
        {
            Draw(hidden, growing, sampling.Temperature);
            hidden.Dispose();
            int[] rows = [.. Enumerable.Range(0, growing.Length).Where(row => !growing[row].Ended)];
            if (rows.Length == 0 || length == longestAnswer) return all;
            cancellation.ThrowIfCancellationRequested();
            if (rows.Length < growing.Length)
            {
                cache.Keep(rows);
                growing = [.. rows.Select(row => growing[row])];
            }
            hidden = ReadTokens(growing, prompt.NextPosition + length - 1, adapter, cache);
        }
    }

    // What the last layer gives at the prompt's end, [1, H].
    private Tensor ReadPrompt(TextPrompt prompt, LoraAdapter? adapter, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        using var attention = new SharedPromptAttention(model.Shape, prompt.Length, answers: 0, length: 0, model.Device);
        var rotation = TextRotation.Of(model.Shape, prompt.Positions, model.Type);
        Tensor last = Run(model.Embed(prompt), rotation, layer => cache.Prompt(layer, attention), adapter, prompt);
        cache.Advance(prompt.Length);
        return last.narrow(0, prompt.Length - 1, 1).MoveToOuterDisposeScope();
    }

    // What the last layer gives for the answers' last tokens, [R, H].
    private Tensor ReadTokens(DrawnAnswer[] growing, long position, LoraAdapter? adapter, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        Tensor tokens = tensor([.. growing.Select(answer => (long)answer.Tokens[^1])]).to(model.Device);
        Tensor positions = TensorArithmetic.Filled([3, 1], position, model.Device);
        Tensor last = Run(model.Embed(tokens), TextRotation.Of(model.Shape, positions, model.Type), cache.Next, adapter, null);
        cache.Advance(1);
        return last.MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor hidden, TextRotation rotation, Func<int, Attend> attention, LoraAdapter? adapter, TextPrompt? prompt)
    {
        for (int layer = 0; layer < model.Shape.Layers; layer++)
        {
            Tensor next = model.Run(layer, hidden, rotation, attention(layer), adapter, prompt);
            // At once: at the scope's end there would be one of every layer.
            hidden.Dispose();
            hidden = next;
        }
        return hidden;
    }

    // The smallest token whose share of the probability, with those before it, is above the draw.
    private void Draw(Tensor hidden, DrawnAnswer[] growing, float temperature)
    {
        using var scope = NewDisposeScope();
        // All answers to a prompt begin alike: one row for them.
        Tensor logits = distribution.Logits(hidden).expand(growing.Length, -1);
        Tensor tokens = logits.argmax(1);
        if (!Array.TrueForAll(growing, answer => answer.IsGreedy))
        {
            Tensor shares = logits.to(ScalarType.Float64).Times(1.0 / temperature).softmax(1).cumsum(1);
            Tensor draws = tensor([.. growing.Select(answer => answer.NextDraw())], [growing.Length, 1]).to(model.Device).mul(shares.narrow(1, -1, 1));
            Tensor drawn = searchsorted(shares, draws, right: true).squeeze(1).AtMost(model.Shape.VocabularySize - 1).to(ScalarType.Int64);
            tokens = where(tensor([.. growing.Select(answer => answer.IsGreedy)]).to(model.Device), tokens, drawn);
        }
        float[] logProbabilities = TokenDistribution.LogProbabilities(logits, tokens).Floats();
        long[] ids = tokens.cpu().data<long>().ToArray();
        for (int row = 0; row < growing.Length; row++)
            growing[row].Add((int)ids[row], logProbabilities[row], ends.Contains((int)ids[row]));
    }
}
