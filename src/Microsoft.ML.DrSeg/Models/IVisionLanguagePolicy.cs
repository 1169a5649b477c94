using Microsoft.ML.DrSeg.Answers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// A visual language model as GRPO sees it: it generates answers to prompts, and says how probable given answers are,
/// with a gradient. Implement it to train a model of your own.
/// </summary>
public interface IVisionLanguagePolicy : IDisposable
{
    /// <summary>Tokens of the longest answer that it generates, its end included; at least 1.</summary>
    int LongestAnswer { get; }

    /// <summary>What training changes.</summary>
    IEnumerable<Parameter> Parameters();

    /// <summary>Says what is wrong with a sentence, for whoever asked; null where the policy can answer it. Rows are checked by it, so that an error names the row.</summary>
    /// <param name="query">What is asked for.</param>
    string? CheckQuery(string query) => null;

    /// <summary>Renders prompts once, for generation and for any number of passes over the answers.</summary>
    PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts);

    /// <summary>Generates answers; runs each prompt once, however many answers it gets. Takes no gradient.</summary>
    /// <param name="prompts">B prompts.</param>
    /// <param name="answersPerPrompt">G, at least 1.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <returns>B arrays of G answers, each of 1 to <see cref="LongestAnswer"/> tokens.</returns>
    GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling);

    /// <summary>Scores every token of given answers.</summary>
    /// <param name="prompts">B prompts.</param>
    /// <param name="tokens">Answers as token ids, [B, G, T] of Int64; padding may hold any valid token. The caller's, as the prompts and the mask; all three live until after <see cref="ScoredTokens.Backward"/>.</param>
    /// <param name="mask">[B, G, T] of Float32: 1 for a token whose score counts, 0 for padding and for answers left out, which need not be computed.</param>
    /// <param name="options">What the scores are for.</param>
    /// <returns>Log-probabilities and entropy, [B, G, T]; the caller disposes them, after the backward pass where there is one.</returns>
    ScoredTokens Score(PromptBatch prompts, torch.Tensor tokens, torch.Tensor mask, ScoreOptions options);

    /// <summary>
    /// Keeps the policy as it is now for <see cref="ScoreOptions.Reference"/>, in place of what was kept before. How is the policy's
    /// own business: a copy of its weights, or an adapter that can be left out.
    /// </summary>
    void FreezeReference();

    /// <summary>
    /// What <see cref="FreezeReference"/> kept, by name: its own tensors of Float32, which checkpoints hold and give back. Empty where nothing
    /// was frozen, or where the reference is the policy without what was trained.
    /// </summary>
    IReadOnlyDictionary<string, torch.Tensor> ReferenceTensors();

    /// <summary>
    /// Puts back what <see cref="ReferenceTensors"/> gave when a checkpoint was written. The run is resumed with the policy as it
    /// was then, so that what <see cref="FreezeReference"/> has kept since is another reference. Unless implemented, the values
    /// are copied into those tensors; a policy that holds none or some, depending on what it is, needs its own.
    /// </summary>
    /// <param name="tensors">By name, on the processor; the caller's. Empty where there were none.</param>
    /// <exception cref="InvalidDataException">They are of other names or shapes than such a policy keeps.</exception>
    void RestoreReference(IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        IReadOnlyDictionary<string, torch.Tensor> kept = ReferenceTensors();
        static string Shape(torch.Tensor? tensor) => tensor is null ? "missing" : $"[{string.Join(", ", tensor.shape)}]";
        foreach (string name in kept.Keys.Union(tensors.Keys))
            if (Shape(tensors.GetValueOrDefault(name)) is var stored && Shape(kept.GetValueOrDefault(name)) is var expected && stored != expected)
                throw new InvalidDataException($"The reference's tensor '{name}' is {stored} in the checkpoint and {expected} in the policy.");
        using IDisposable withoutGradient = torch.no_grad();
        foreach ((string name, torch.Tensor target) in kept) target.copy_(tensors[name]);
    }
}

/// <summary>A query about a view of an image.</summary>
/// <param name="View">What the policy is shown.</param>
/// <param name="Query">What is asked for, as a sentence.</param>
/// <param name="Id">Names the query among all of a run: random draws depend on it, never on the batch it is in.</param>
/// <param name="Look">Which look at the query this is: 0 for the whole image, 1 and up for closer views.</param>
public sealed record PolicyPrompt(ImageView View, string Query, long Id, int Look = 0);

/// <summary>How answers are drawn.</summary>
/// <param name="Temperature">Divides the logits before drawing, above 0.</param>
/// <param name="FirstGreedy">Whether the first answer of every prompt takes the most probable token each time.</param>
/// <param name="Seed">Fixes every draw together with the prompt's id and the answer's place in its group.</param>
public readonly record struct AnswerSampling(float Temperature, bool FirstGreedy, ulong Seed)
{
    /// <summary>The most probable answer, for one answer a prompt.</summary>
    public static AnswerSampling Greedy => new(1f, FirstGreedy: true, Seed: 0);
}

/// <summary>
/// Prompts as a policy has rendered them, once for generation and for any number of passes over the answers. Every policy derives
/// its own, which holds what it needs and outlives the caller's dispose scopes.
/// </summary>
/// <param name="prompts">B prompts.</param>
public abstract class PromptBatch(IReadOnlyList<PolicyPrompt> prompts) : IDisposable
{
    /// <summary>The prompts, B of them.</summary>
    public IReadOnlyList<PolicyPrompt> Prompts { get; } = prompts ?? throw new ArgumentNullException(nameof(prompts));

    /// <summary>Some of the prompts as a batch of their own, which shares nothing with this one.</summary>
    /// <param name="indices">Places in <see cref="Prompts"/>, each 0 to B - 1, in the order that is wanted.</param>
    public abstract PromptBatch Subset(IReadOnlyList<int> indices);

    /// <summary>Disposes what was rendered.</summary>
    public abstract void Dispose();
}
