using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Attention of a prompt's tokens and of those of its answers, laid one after the other: the prompt is there once, and every
/// answer sees it and itself. The way back sums what all answers say of the prompt's keys.
/// </summary>
internal sealed class SharedPromptAttention : IDisposable
{
    private readonly int _prompt, _answers, _length;
    private readonly Tensor _visibleToPrompt;
    private readonly Tensor? _visibleToAnswers;

    /// <param name="shape">Sizes of the heads.</param>
    /// <param name="prompt">S tokens of the prompt.</param>
    /// <param name="answers">G answers.</param>
    /// <param name="length">T tokens of each; 0 for the prompt alone.</param>
    /// <param name="device">Where.</param>
    public SharedPromptAttention(TextShape shape, int prompt, int answers, int length, Device device)
    {
        (_prompt, _answers, _length) = (prompt, answers, length);
        using var scope = NewDisposeScope();
        _visibleToPrompt = GroupedAttention.Tiled(0, prompt, shape, device).DetachFromDisposeScope();
        _visibleToAnswers = length == 0 ? null : GroupedAttention.Tiled(prompt, length, shape, device).DetachFromDisposeScope();
    }

    /// <inheritdoc cref="Qwen.Attend"/>
    /// <remarks>N is S + G * T: the prompt, then answer by answer.</remarks>
    public Tensor Attend(Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        Tensor promptKeys = Prompt(keys), promptValues = Prompt(values);
        Tensor prompt = GroupedAttention.Apply(queries.narrow(0, 0, _prompt).unsqueeze(0), promptKeys, promptValues, _visibleToPrompt);
        if (_visibleToAnswers is null) return prompt.MoveToOuterDisposeScope();
        Tensor answers = GroupedAttention.Apply(Answers(queries), Behind(promptKeys, keys), Behind(promptValues, values), _visibleToAnswers);
        return cat([prompt, answers], 0).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _visibleToPrompt.Dispose();
        _visibleToAnswers?.Dispose();
    }

    // [1, K, S, D].
    private Tensor Prompt(Tensor all) => all.narrow(0, 0, _prompt).transpose(0, 1).unsqueeze(0);

    // [G, T, heads, D].
    private Tensor Answers(Tensor all) => all.narrow(0, _prompt, (long)_answers * _length).view(_answers, _length, all.shape[1], all.shape[2]);

    // [G, K, S + T, D].
    private Tensor Behind(Tensor prompt, Tensor all) => cat([prompt.expand(_answers, -1, -1, -1), Answers(all).transpose(1, 2)], 2);
}
