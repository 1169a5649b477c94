using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The text model of Qwen2-VL, Qwen2.5-VL and Qwen3-VL, frozen: <c>Qwen2_5_VLTextModel</c> and <c>Qwen3VLTextModel</c> of the
/// transformers library. What is trained is an adapter, which every call brings along: without one it is the model as it was
/// loaded.
/// </summary>
internal sealed class TextModel : IDisposable
{
    private const string Embedding = "embed_tokens.weight", FinalNorm = "norm.weight", OutputLayer = "lm_head.weight";

    private static readonly Scalar One = 1.ToScalar();

    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly TextLayer[] _layers;
    private readonly Tensor _embedding, _finalNorm, _output;

    /// <summary>Reads a model, tensor by tensor.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="type">What to hold the weights as and to compute in: BFloat16, or Float32.</param>
    /// <param name="device">Where.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape than the sizes say, or belongs to no part of a text model.</exception>
    public TextModel(ITensorSource source, TextShape shape, ScalarType type, Device device)
    {
        (Shape, Type, Device) = (shape, type, device);
        try
        {
            var names = new TextNames(source);
            Tensor Weight(string name, params long[] sides) => _weights[name] = names.Read(name, sides, type, device).DetachFromDisposeScope();
            _embedding = Weight(Embedding, shape.VocabularySize, shape.HiddenSize);
            _layers = [.. Enumerable.Range(0, shape.Layers).Select(i => new TextLayer(shape, (name, sides) => Weight($"layers.{i}.{name}", sides)))];
            _finalNorm = Weight(FinalNorm, shape.HiddenSize);
            _output = shape.TiedEmbedding && !names.Has(OutputLayer) ? _embedding : Weight(OutputLayer, shape.VocabularySize, shape.HiddenSize);
            names.RequireAllRead();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TextShape Shape { get; }

    /// <summary>Type of the weights and of what passes between layers.</summary>
    public ScalarType Type { get; }

    public Device Device { get; }

    /// <summary>The weights by their names inside the text model, such as <c>layers.0.self_attn.q_proj.weight</c>; <c>lm_head.weight</c> only where there is one.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>Embeddings of tokens.</summary>
    /// <param name="ids">[N] of Int64.</param>
    /// <returns>[N, H].</returns>
    public Tensor Embed(Tensor ids) => _embedding.index_select(0, ids);

    /// <summary>Embeddings of a prompt, the image's features in their places.</summary>
    public Tensor Embed(TextPrompt prompt)
    {
        using var scope = NewDisposeScope();
        Tensor embedded = Embed(prompt.Ids);
        return (prompt.Image is null ? embedded : embedded.index_copy(0, prompt.ImagePlaces!, prompt.Image.Tokens.to(Type))).MoveToOuterDisposeScope();
    }

    /// <summary>Runs a layer, and adds what the vision tower has for the image behind it.</summary>
    /// <param name="layer">Which one, from 0.</param>
    /// <param name="hidden">[N, H].</param>
    /// <param name="positions">As for <see cref="TextLayer.Forward"/>.</param>
    /// <param name="attend">Who sees whom.</param>
    /// <param name="adapter">What training has changed; null for nothing.</param>
    /// <param name="prompt">The prompt whose tokens are the first of the N; null where they are none of a prompt.</param>
    /// <returns>[N, H].</returns>
    public Tensor Run(int layer, Tensor hidden, RotaryPositions positions, Attend attend, LoraAdapter? adapter, TextPrompt? prompt)
    {
        using var scope = NewDisposeScope();
        Tensor output = _layers[layer].Forward(hidden, positions, attend, adapter?[layer]);
        return (prompt?.Image is { } image && layer < image.Deepstack.Count
            ? output.index_add(0, prompt.ImagePlaces!, image.Deepstack[layer].to(Type), One)
            : output).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of the next token, as the output layer gives them.</summary>
    /// <param name="hidden">What the last layer gave, [N, H].</param>
    /// <returns>[N, V] of Float32.</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(RootMeanSquareNorm.Apply(hidden, _finalNorm, Shape.NormEpsilon), _output).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (Tensor weight in _weights.Values) weight.Dispose();
    }
}
