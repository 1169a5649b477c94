using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// What answers attend to while they are generated: for each block the keys and values of their prompt, of the start marker,
/// which all answers share, and of every token said so far, step by step in the order of the answers. A mask hides the
/// other answers' tokens, so that all answers to a prompt are one product of matrices.
/// </summary>
internal sealed class AnswerMemory
{
    private readonly KeyValue[] _blocks;
    private readonly Tensor _mask;
    private readonly long _prompt;
    private readonly long _answers;

    /// <summary>Begins the answers to prompts; the tensors belong to the current dispose scope.</summary>
    /// <param name="prompts">Each block's keys and values of the prompts, [B, H, P, d].</param>
    /// <param name="answers">G, the answers to each prompt.</param>
    /// <param name="longest">Tokens of the longest answer.</param>
    public AnswerMemory(IReadOnlyList<KeyValue> prompts, int answers, int longest)
    {
        _answers = answers;
        _prompt = prompts.Count == 0 ? 0 : prompts[0].Keys.shape[2];
        long said = answers * (longest - 1);
        _blocks = [.. prompts.Select(block => new KeyValue(WithRoom(block.Keys, 1 + said), WithRoom(block.Values, 1 + said)))];

        var hidden = new float[answers, _prompt + 1 + said];
        for (int answer = 0; answer < answers; answer++)
            for (int token = 0; token < said; token++)
                hidden[answer, _prompt + 1 + token] = token % answers == answer ? 0 : float.NegativeInfinity;
        _mask = tensor(hidden, device: prompts.Count == 0 ? CPU : prompts[0].Keys.device);
    }

    /// <summary>Tokens of each answer that have been read, the start marker included.</summary>
    public int Step { get; private set; }

    /// <summary>Goes on to the next token of every answer.</summary>
    public void Advance() => Step++;

    /// <summary>Takes in this step's keys and values for a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="keys">[B, H, 1, d] of the start marker, then [B, H, G, d].</param>
    /// <param name="values">The same.</param>
    /// <returns>All that this step's tokens see, and the mask of [G, tokens] that is added to their scores; none for the start marker.</returns>
    public (KeyValue All, Tensor? Mask) Add(int block, Tensor keys, Tensor values)
    {
        long before = _prompt + (Step == 0 ? 0 : 1 + (Step - 1) * _answers), after = before + keys.shape[2];
        (Tensor allKeys, Tensor allValues) = _blocks[block];
        allKeys.narrow(2, before, keys.shape[2]).copy_(keys);
        allValues.narrow(2, before, keys.shape[2]).copy_(values);
        return (new KeyValue(allKeys.narrow(2, 0, after), allValues.narrow(2, 0, after)), Step == 0 ? null : _mask.narrow(1, 0, after));
    }

    private static Tensor WithRoom(Tensor of, long tokens)
    {
        Tensor with = empty([of.shape[0], of.shape[1], of.shape[2] + tokens, of.shape[3]], of.dtype, of.device);
        with.narrow(2, 0, of.shape[2]).copy_(of);
        return with;
    }
}
