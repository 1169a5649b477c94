using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Keys and values of a prompt, there once, and of the answers that grow behind it, for every layer, in memory taken once: a new
/// token is written where its turn is, and nothing is put together anew.
/// </summary>
/// <remarks>Letters: G answers, K heads of keys, R queries to each of them, D the size of a head, S tokens of the prompt, T of the longest answer.</remarks>
internal sealed class KeyValueCache : IDisposable
{
    private readonly TextShape _shape;
    private readonly Tensor[] _promptKeys, _promptValues, _keys, _values;

    /// <param name="shape">Sizes of layers and heads.</param>
    /// <param name="prompt">S.</param>
    /// <param name="answers">G.</param>
    /// <param name="longestAnswer">T.</param>
    /// <param name="type">That of the model.</param>
    /// <param name="device">Where.</param>
    public KeyValueCache(TextShape shape, int prompt, int answers, int longestAnswer, ScalarType type, Device device)
    {
        _shape = shape;
        Tensor[] Allocate(params long[] size) => [.. Enumerable.Range(0, shape.Layers).Select(_ => empty(size, type, device).DetachFromDisposeScope())];
        (_promptKeys, _promptValues) = (Allocate(shape.KeyValueHeads, prompt, shape.HeadSize), Allocate(shape.KeyValueHeads, prompt, shape.HeadSize));
        (_keys, _values) = (Allocate(answers, shape.KeyValueHeads, longestAnswer, shape.HeadSize), Allocate(answers, shape.KeyValueHeads, longestAnswer, shape.HeadSize));
    }

    /// <summary>Tokens that every answer has in every layer.</summary>
    public int Length { get; private set; }

    /// <summary>What a cache takes, in bytes.</summary>
    /// <param name="shape">Sizes of layers and heads.</param>
    /// <param name="prompt">S.</param>
    /// <param name="answers">G.</param>
    /// <param name="longestAnswer">T.</param>
    /// <param name="elementSize">Bytes of a number.</param>
    public static long Bytes(TextShape shape, int prompt, int answers, int longestAnswer, long elementSize) =>
        2L * shape.Layers * shape.KeyValueHeads * shape.HeadSize * (prompt + (long)answers * longestAnswer) * elementSize;

    /// <summary>Attention of the prompt, computed once and kept for all answers.</summary>
    /// <param name="layer">Whose keys and values.</param>
    /// <param name="attention">That of the prompt alone.</param>
    public Attend Prompt(int layer, SharedPromptAttention attention) => (queries, keys, values) =>
    {
        using var scope = NewDisposeScope();
        _promptKeys[layer].copy_(keys.transpose(0, 1));
        _promptValues[layer].copy_(values.transpose(0, 1));
        return attention.Attend(queries, keys, values).MoveToOuterDisposeScope();
    };

    /// <summary>Attention of the next token of every answer, one row an answer; once all layers have run, followed by <see cref="Advance"/>.</summary>
    /// <param name="layer">Whose keys and values.</param>
    /// <param name="queries">[G, K * R, D].</param>
    /// <param name="keys">[G, K, D].</param>
    /// <param name="values">[G, K, D].</param>
    /// <returns>[G, K * R * D].</returns>
    public Tensor Next(int layer, Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        _keys[layer].select(2, Length).copy_(keys);
        _values[layer].select(2, Length).copy_(values);
        return GroupedAttention.BehindPrompt(queries, _promptKeys[layer], _promptValues[layer],
            _keys[layer].narrow(2, 0, Length + 1), _values[layer].narrow(2, 0, Length + 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Counts a token that all layers have seen.</summary>
    public void Advance() => Length++;

    /// <summary>Goes on with some of the answers.</summary>
    /// <param name="rows">Their places among those that are here, ascending.</param>
    public void Keep(IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        Tensor places = tensor([.. rows.Select(row => (long)row)]).to(_keys[0].device);
        foreach (Tensor[] all in new[] { _keys, _values })
            for (int layer = 0; layer < _shape.Layers; layer++)
            {
                Tensor kept = all[layer].index_select(0, places).DetachFromDisposeScope();
                all[layer].Dispose();
                all[layer] = kept;
            }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in new[] { _promptKeys, _promptValues, _keys, _values }.SelectMany(all => all)) tensor.Dispose();
    }
}
