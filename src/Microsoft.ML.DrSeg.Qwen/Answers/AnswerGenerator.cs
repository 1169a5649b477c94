using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Generates the answers to prompts together: every prompt is run once, its keys and values serve all its answers, the next tokens of
/// all answers to all prompts are one pass, and an answer that has ended leaves it. Takes no gradient.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="distribution">Its distribution of tokens; both stay the caller's.</param>
/// <param name="ends">Ids of tokens that end an answer.</param>
/// <param name="longestAnswer">Tokens after which an answer is cut off, at least 1.</param>
/// <param name="mostCacheBytes">Keys and values that may be held; prompts beyond it wait their turn.</param>
internal sealed class AnswerGenerator(
    TextModel model, TokenDistribution distribution, IReadOnlyCollection<int> ends, int longestAnswer, long mostCacheBytes = AnswerGenerator.MostCacheBytes)
{
    /// <summary>Holds some ten prompts of 1,300 tokens with eight answers of 512 to a model of 3B.</summary>
    public const long MostCacheBytes = 2L << 30;

    /// <summary>Generates answers.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="answers">How many to each, at least 1.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <param name="adapter">What training has changed; null for the model as it was read.</param>
    /// <param name="cancellation">Looked at before every token.</param>
    /// <returns>By prompt, then by place.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="NonFiniteScoreException">The model's scores are not finite.</exception>
    public DrawnAnswer[][] Generate(IReadOnlyList<AskedPrompt> prompts, int answers, AnswerSampling sampling, LoraAdapter? adapter, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        if (!(sampling.Temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(sampling), sampling.Temperature, "The temperature must be above 0; for the most probable answer use AnswerSampling.Greedy.");
        using IDisposable withoutGradient = no_grad();
        var all = new List<DrawnAnswer[]>(prompts.Count);
        while (all.Count < prompts.Count)
            all.AddRange(Together([.. Fitting(prompts.Skip(all.Count), answers)], answers, sampling, adapter, cancellation));
        return [.. all];
    }

    // As many as there is room for, one at least.
    private IEnumerable<AskedPrompt> Fitting(IEnumerable<AskedPrompt> prompts, int answers)
    {
        long held = 0;
        return prompts.TakeWhile(asked =>
        {
            bool isFirst = held == 0;
            held += KeyValueCache.Bytes(model.Shape, asked.Prompt.Length, answers, longestAnswer, model.Type.ElementSize());
            return isFirst || held <= mostCacheBytes;
        });
    }

    private IEnumerable<DrawnAnswer[]> Together(AskedPrompt[] prompts, int answers, AnswerSampling sampling, LoraAdapter? adapter, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var groups = new List<AnswerGroup>(prompts.Length);
        try
        {
            foreach (AskedPrompt asked in prompts)
            {
                cancellation.ThrowIfCancellationRequested();
                groups.Add(new AnswerGroup(model, asked, answers, longestAnswer, sampling));
                using Tensor hidden = ReadPrompt(groups[^1], adapter);
                Draw(hidden, groups[^1].Growing, sampling.Temperature);
            }
            for (int length = 1; length < longestAnswer; length++)
            {
                AnswerGroup[] growing = [.. groups.Where(group => group.GoOn())];
                if (growing.Length == 0) break;
                cancellation.ThrowIfCancellationRequested();
                using Tensor hidden = ReadTokens(growing, adapter);
                Draw(hidden, [.. growing.SelectMany(group => group.Growing)], sampling.Temperature);
            }
            return [.. groups.Select(group => group.Answers)];
        }
        finally
        {
            foreach (AnswerGroup group in groups) group.Dispose();
        }
    }

    // What the last layer gives at the prompt's end, [1, H].
    private Tensor ReadPrompt(AnswerGroup group, LoraAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        TextPrompt prompt = group.Prompt;
        using var attention = new SharedPromptAttention(model.Shape, prompt.Length, answers: 0, length: 0, model.Device);
        var rotation = TextRotation.Of(model.Shape, prompt.Positions, model.Type);
        Tensor last = Run(model.Embed(prompt), rotation, layer => group.ReadPrompt(layer, attention), adapter, prompt);
        return last.narrow(0, prompt.Length - 1, 1).MoveToOuterDisposeScope();
    }

    // What the last layer gives for the answers' last tokens, [R, H], group by group.
    private Tensor ReadTokens(AnswerGroup[] groups, LoraAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor tokens = tensor([.. groups.SelectMany(group => group.Growing).Select(answer => (long)answer.Tokens[^1])]).to(model.Device);
        Tensor positions = tensor([.. groups.SelectMany(group => Enumerable.Repeat(group.Position, group.Growing.Length))]).to(model.Device).unsqueeze(0).expand(3, -1);
        Tensor last = Run(model.Embed(tokens), TextRotation.Of(model.Shape, positions, model.Type), layer => (queries, keys, values) => Attend(groups, layer, queries, keys, values), adapter, null);
        foreach (AnswerGroup group in groups) group.Advance();
        return last.MoveToOuterDisposeScope();
    }

    private static Tensor Attend(AnswerGroup[] groups, int layer, Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        var attended = new Tensor[groups.Length];
        for (int i = 0, row = 0; i < groups.Length; row += groups[i++].Growing.Length)
        {
            int rows = groups[i].Growing.Length;
            attended[i] = groups[i].Attend(layer, queries.narrow(0, row, rows), keys.narrow(0, row, rows), values.narrow(0, row, rows));
        }
        return (groups.Length == 1 ? attended[0] : cat(attended, 0)).MoveToOuterDisposeScope();
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
