using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Scores the answers to one prompt, and goes the way back layer by layer: the pass forward keeps no graph, only what goes into
/// each layer, and the way back computes one layer anew at a time, from the last to the first, so that no more than one layer's
/// graph is ever there (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). The prompt is there once for all
/// its answers, forward and back. Letters: N tokens of prompt and answers, H width; G answers, T tokens, M tokens that count.
/// </summary>
internal sealed class AnswerScoring : IDisposable
{
    private static readonly Scalar One = 1.ToScalar();

    private readonly TextModel _model;
    private readonly TokenDistribution _distribution;
    private readonly LoraAdapter? _adapter;
    private readonly TextPrompt _prompt;
    private readonly AnswerLayout _layout;
    private readonly long[] _shape;
    private readonly Tensor _positions;
    private readonly SharedPromptAttention _attention;

    // What goes into each layer, and what the last one gives.
    private Tensor[]? _kept;

    /// <param name="model">The model.</param>
    /// <param name="distribution">Its distribution of tokens.</param>
    /// <param name="adapter">What training has changed; null for the model as it was read. All three, and the prompt, stay the caller's.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="tokens">Its answers, [G, T] of Int64.</param>
    /// <param name="mask">[G, T], 0 for a token that does not count.</param>
    public AnswerScoring(TextModel model, TokenDistribution distribution, LoraAdapter? adapter, TextPrompt prompt, Tensor tokens, Tensor mask)
    {
        (_model, _distribution, _adapter, _prompt, _shape) = (model, distribution, adapter, prompt, tokens.shape);
        using var scope = NewDisposeScope();
        _layout = new AnswerLayout(tokens, mask, prompt.Length, model.Device);
        Tensor behind = tensor([.. Enumerable.Range(0, _layout.Length).Select(t => prompt.NextPosition + t)]).to(model.Device);
        _positions = cat([prompt.Positions, behind.repeat(_layout.Answers).expand(3, -1)], 1).DetachFromDisposeScope();
        _attention = new SharedPromptAttention(model.Shape, prompt.Length, _layout.Answers, _layout.Length, model.Device);
    }

    /// <summary>Bytes that are kept for the way back, where it is asked for.</summary>
    public long KeptBytes => _layout.IsEmpty ? 0 : (_model.Shape.Layers + 1L) * _positions.shape[1] * _model.Shape.HiddenSize * _model.Type.ElementSize();

    /// <summary>Scores the answers. Takes no gradient.</summary>
    /// <param name="entropy">Whether the entropies are wanted.</param>
    /// <param name="keep">Whether to keep what <see cref="Backward"/> needs; it computes it anew otherwise.</param>
    /// <returns>Log-probabilities and entropies, [G, T] of Float32; 0 where a token does not count.</returns>
    public (Tensor LogProbabilities, Tensor? Entropy) Score(bool entropy, bool keep)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        if (_layout.IsEmpty)
            return (zeros(_shape, ScalarType.Float32, _model.Device).MoveToOuterDisposeScope(), entropy ? zeros(_shape, ScalarType.Float32, _model.Device).MoveToOuterDisposeScope() : null);
        using Tensor last = Forward(keep);
        (Tensor logProbabilities, Tensor? entropies) = _distribution.Score(last.index_select(0, _layout.Before), _layout.Expected, entropy);
        return (Placed(logProbabilities), entropies is null ? null : Placed(entropies));
    }

    /// <summary>Adds a loss's gradients to those of the adapter, and of whatever else wants one. Frees what was kept.</summary>
    /// <param name="gradient">With respect to the log-probabilities, [G, T].</param>
    /// <param name="entropyGradient">With respect to the entropies, [G, T]; null for none.</param>
    public void Backward(Tensor gradient, Tensor? entropyGradient)
    {
        if (_layout.IsEmpty) return;
        using var scope = NewDisposeScope();
        if (_kept is null)
            using (no_grad()) Forward(keep: true).Dispose();
        var rotation = TextRotation.Of(_model.Shape, _positions, _model.Type);
        Tensor back = OfLast(gradient, entropyGradient);
        for (int layer = _model.Shape.Layers - 1; layer >= 0; layer--)
        {
            Tensor next = OfLayer(layer, rotation, back);
            back.Dispose();
            back = next;
        }
        if (!EmbeddingsWantGradient) return;
        using IDisposable withGradient = enable_grad();
        autograd.backward([Embedded()], [back]);
    }

    public void Dispose()
    {
        Free();
        _layout.Dispose();
        _positions.Dispose();
        _attention.Dispose();
    }

    private bool EmbeddingsWantGradient => _model.EmbeddingWantsGradient || _prompt.Features is { } features && features.Tokens.requires_grad;

    // What the last layer gives, [N, H].
    private Tensor Forward(bool keep)
    {
        using var scope = NewDisposeScope();
        var rotation = TextRotation.Of(_model.Shape, _positions, _model.Type);
        Tensor hidden = Embedded();
        Free();
        if (keep) _kept = new Tensor[_model.Shape.Layers + 1];
        for (int layer = 0; layer < _model.Shape.Layers; layer++)
        {
            Tensor next = _model.Run(layer, hidden, rotation, _attention.Attend, _adapter, _prompt);
            if (_kept is null) hidden.Dispose();
            else _kept[layer] = hidden.DetachFromDisposeScope();
            hidden = next;
        }
        if (_kept is not null) _kept[^1] = hidden.alias().DetachFromDisposeScope();
        return hidden.MoveToOuterDisposeScope();
    }

    private Tensor Embedded()
    {
        using var scope = NewDisposeScope();
        return cat([_model.Embed(_prompt), _model.Embed(_layout.Inputs)], 0).MoveToOuterDisposeScope();
    }

    // Of the loss with respect to what the last layer gives, [N, H].
    private Tensor OfLast(Tensor gradient, Tensor? entropyGradient)
    {
        using var scope = NewDisposeScope();
        Tensor Counted(Tensor all) => all.detach().to(_model.Device).reshape(-1).index_select(0, _layout.Places);
        using Tensor last = Take(_model.Shape.Layers);
        Tensor expected = _distribution.Backward(last.index_select(0, _layout.Before), _layout.Expected, Counted(gradient), entropyGradient is null ? null : Counted(entropyGradient));
        return zeros_like(last).index_add_(0, _layout.Before, expected, One).MoveToOuterDisposeScope();
    }

    // Of the loss with respect to what goes into a layer, from that with respect to what it gives.
    private Tensor OfLayer(int layer, TextRotation rotation, Tensor back)
    {
        using var scope = NewDisposeScope();
        using Tensor input = Take(layer);
        bool isWanted = layer > 0 || EmbeddingsWantGradient;
        Tensor leaf = input.detach().requires_grad_(isWanted), output;
        using (enable_grad()) output = _model.Run(layer, leaf, rotation, _attention.Attend, _adapter, _prompt);
        if (output.requires_grad) autograd.backward([output], [back]);
        return (isWanted ? leaf.grad! : zeros(0)).MoveToOuterDisposeScope();
    }

    private Tensor Take(int place)
    {
        Tensor taken = _kept![place];
        _kept[place] = null!;
        if (place == 0) _kept = null;
        return taken;
    }

    private void Free()
    {
        foreach (Tensor? tensor in _kept ?? []) tensor?.Dispose();
        _kept = null;
    }

    private Tensor Placed(Tensor counted) => zeros([_shape[0] * _shape[1]], ScalarType.Float32, _model.Device).index_copy_(0, _layout.Places, counted).view(_shape).MoveToOuterDisposeScope();
}
