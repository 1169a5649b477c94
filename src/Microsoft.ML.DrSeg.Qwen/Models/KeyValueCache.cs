using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Keys and values of a prompt and of the answers that grow behind it, for every layer, in memory taken once: a new token is
/// written where its turn is, and nothing is put together anew.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly TextShape _shape;
    private readonly Tensor[] _keys, _values;

    /// <param name="shape">Sizes of layers and heads.</param>
    /// <param name="answers">G answers to the prompt.</param>
    /// <param name="capacity">Tokens of the prompt and of the longest answer together.</param>
    /// <param name="type">That of the model.</param>
    /// <param name="device">Where.</param>
    public KeyValueCache(TextShape shape, int answers, int capacity, ScalarType type, Device device)
    {
        _shape = shape;
        Tensor[] Allocate() => [.. Enumerable.Range(0, shape.Layers).Select(_ => empty([answers, shape.KeyValueHeads, capacity, shape.HeadSize], type, device).DetachFromDisposeScope())];
        _keys = Allocate();
        _values = Allocate();
    }

    /// <summary>Tokens that every row holds in every layer.</summary>
    public int Length { get; private set; }

    /// <summary>Attention of a prompt, computed once and kept for all answers; followed by <see cref="Advance"/>.</summary>
    /// <param name="layer">Whose keys and values.</param>
    /// <param name="attention">That of the prompt alone.</param>
    public Attend Prompt(int layer, SharedPromptAttention attention) => (queries, keys, values) =>
    {
        using var scope = NewDisposeScope();
        long tokens = keys.shape[0];
        _keys[layer].narrow(2, 0, tokens).copy_(keys.transpose(0, 1));
        _values[layer].narrow(2, 0, tokens).copy_(values.transpose(0, 1));
        return attention.Attend(queries, keys, values).MoveToOuterDisposeScope();
    };

    /// <summary>Attention of the next token of every answer; once all layers have run, followed by <see cref="Advance"/>.</summary>
    /// <param name="layer">Whose keys and values.</param>
    public Attend Next(int layer) => (queries, keys, values) =>
    {
        using var scope = NewDisposeScope();
        _keys[layer].select(2, Length).copy_(keys);
        _values[layer].select(2, Length).copy_(values);
        return GroupedAttention.Apply(queries.unsqueeze(1), _keys[layer].narrow(2, 0, Length + 1), _values[layer].narrow(2, 0, Length + 1), null).MoveToOuterDisposeScope();
    };

    /// <summary>Counts tokens that all layers have seen.</summary>
    public void Advance(int tokens) => Length += tokens;

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
        foreach (Tensor tensor in _keys.Concat(_values)) tensor.Dispose();
    }
}
