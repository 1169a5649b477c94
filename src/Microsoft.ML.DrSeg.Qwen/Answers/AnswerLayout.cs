using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The answers to one prompt laid out for scoring: the prompt's tokens, then answer by answer those that something is expected
/// after. Answers of which nothing counts are left out, and what lies behind the last token that counts.
/// Letters: G answers, T tokens of the longest, S tokens of the prompt, M tokens that count.
/// </summary>
internal sealed class AnswerLayout : IDisposable
{
    /// <param name="tokens">[G, T] of Int64.</param>
    /// <param name="mask">[G, T], 0 for a token that does not count.</param>
    /// <param name="prompt">S.</param>
    /// <param name="device">Where the model is.</param>
    public AnswerLayout(Tensor tokens, Tensor mask, int prompt, Device device)
    {
        using var scope = NewDisposeScope();
        int g = (int)tokens.shape[0], t = (int)tokens.shape[1];
        long[] ids = tokens.cpu().contiguous().data<long>().ToArray();
        float[] counts = mask.Floats();
        int[] counted = [.. Enumerable.Range(0, g * t).Where(place => counts[place] != 0)];
        int[] answers = [.. counted.Select(place => place / t).Distinct()];
        Answers = answers.Length;
        // The last token of an answer is expected, and nothing after it.
        Length = counted.Length == 0 ? 0 : counted.Max(place => place % t);
        Inputs = On(answers.SelectMany(answer => Enumerable.Range(answer * t, Length).Select(place => ids[place])), device);
        Places = On(counted.Select(place => (long)place), device);
        Expected = On(counted.Select(place => ids[place]), device);
        // Behind the prompt the first token of every answer is expected.
        Before = On(counted.Select(place => place % t == 0 ? prompt - 1L : prompt + Array.IndexOf(answers, place / t) * Length + place % t - 1), device);
    }

    /// <summary>Answers of which something counts.</summary>
    public int Answers { get; }

    /// <summary>Tokens of each that are read.</summary>
    public int Length { get; }

    /// <summary>Whether nothing counts.</summary>
    public bool IsEmpty => Answers == 0;

    /// <summary>The tokens that are read, answer by answer: [<see cref="Answers"/> * <see cref="Length"/>].</summary>
    public Tensor Inputs { get; }

    /// <summary>Where the tokens that count are in the [G * T]: [M].</summary>
    public Tensor Places { get; }

    /// <summary>The tokens that count: [M].</summary>
    public Tensor Expected { get; }

    /// <summary>Where each is expected, counted from the prompt's first token: [M].</summary>
    public Tensor Before { get; }

    public void Dispose()
    {
        Inputs.Dispose();
        Places.Dispose();
        Expected.Dispose();
        Before.Dispose();
    }

    private static Tensor On(IEnumerable<long> values, Device device) => tensor([.. values]).to(device).DetachFromDisposeScope();
}
