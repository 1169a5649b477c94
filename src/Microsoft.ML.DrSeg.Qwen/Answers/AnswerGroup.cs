using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A prompt that answers are wanted to.</summary>
/// <param name="Prompt">As the model reads it.</param>
/// <param name="Key">Fixes the draws, with the sampling's seed and an answer's place.</param>
internal readonly record struct AskedPrompt(TextPrompt Prompt, PromptKey Key);

/// <summary>A prompt's answers while they are drawn, and what the layers keep of them.</summary>
internal sealed class AnswerGroup : IDisposable
{
    private readonly KeyValueCache _cache;

    /// <param name="model">Reads the prompt; stays the caller's.</param>
    /// <param name="asked">The prompt.</param>
    /// <param name="answers">How many, at least 1.</param>
    /// <param name="longestAnswer">Tokens that there is room for, of each.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    public AnswerGroup(TextModel model, AskedPrompt asked, int answers, int longestAnswer, AnswerSampling sampling)
    {
        Prompt = asked.Prompt;
        Answers = [.. Enumerable.Range(0, answers).Select(place => new DrawnAnswer(asked.Key, place, sampling))];
        Growing = Answers;
        _cache = new KeyValueCache(model.Shape, Prompt.Length, answers, longestAnswer, model.Type, model.Device);
    }

    /// <summary>What is answered.</summary>
    public TextPrompt Prompt { get; }

    /// <summary>All answers, by place.</summary>
    public DrawnAnswer[] Answers { get; }

    /// <summary>Those that have not ended, one a row of what the layers compute.</summary>
    public DrawnAnswer[] Growing { get; private set; }

    /// <summary>Where the growing answers' last tokens stand, on all three axes.</summary>
    public long Position => Prompt.NextPosition + _cache.Length;

    /// <summary>Attention of the prompt, whose keys and values are kept.</summary>
    public Attend ReadPrompt(int layer, SharedPromptAttention attention) => _cache.Prompt(layer, attention);

    /// <summary>Attention of the growing answers' last tokens.</summary>
    public Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values) => _cache.Next(layer, queries, keys, values);

    /// <summary>Counts a token that all layers have seen.</summary>
    public void Advance() => _cache.Advance();

    /// <summary>Lets answers that have ended go.</summary>
    /// <returns>Whether any is left.</returns>
    public bool GoOn()
    {
        int[] rows = [.. Enumerable.Range(0, Growing.Length).Where(row => !Growing[row].Ended)];
        if (rows.Length > 0 && rows.Length < Growing.Length) _cache.Keep(rows);
        Growing = [.. rows.Select(row => Growing[row])];
        return rows.Length > 0;
    }

    public void Dispose() => _cache.Dispose();
}
