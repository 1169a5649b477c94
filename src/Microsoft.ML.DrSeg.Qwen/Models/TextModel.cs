using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The text model of Qwen2-VL, Qwen2.5-VL and Qwen3-VL: <c>Qwen2_5_VLTextModel</c> and <c>Qwen3VLTextModel</c> in
/// huggingface/transformers. Its weights stay as they were read; what is trained is an adapter, which every call brings along.
/// Letters: N tokens, H width, V rows of the vocabulary.
/// </summary>
internal sealed class TextModel : IDisposable
{
    private const string Name = "model.language_model", OutputName = "lm_head";

    private static readonly Scalar One = 1.ToScalar();

    private readonly ModelWeights _weights;
    private readonly TextLayer[] _layers;
    private readonly Tensor _embedding, _finalNorm, _output;

    private TextModel(TextShape shape, ModelWeights weights)
    {
        (Shape, _weights) = (shape, weights);
        _embedding = weights.Take($"{Name}.embed_tokens.weight", shape.VocabularySize, shape.HiddenSize);
        _layers = [.. Enumerable.Range(0, shape.Layers).Select(layer => new TextLayer(weights, $"{Name}.layers.{layer}", shape))];
        _finalNorm = weights.Take($"{Name}.norm.weight", shape.HiddenSize);
        _output = shape.TiedEmbedding ? _embedding : weights.Take($"{OutputName}.weight", shape.VocabularySize, shape.HiddenSize);
    }

    public TextShape Shape { get; }

    /// <summary>Type of the weights and of what passes between layers.</summary>
    public ScalarType Type => _embedding.dtype;

    public Device Device => _embedding.device;

    /// <summary>The weights by name, such as <c>model.language_model.norm.weight</c>.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights.Tensors;

    /// <summary>The shapes of its weights by name.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(TextShape shape) => ModelWeights.Outline(weights => _ = new TextModel(shape, weights));

    /// <summary>Reads a text model, tensor by tensor.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="source">The model's weights, in the old or the new layout of names.</param>
    /// <param name="type">What to hold the weights as and to compute in: BFloat16 or Float32.</param>
    /// <param name="device">Where.</param>
    /// <exception cref="InvalidDataException">Weights are missing, unknown, of another shape or not finite.</exception>
    public static TextModel Read(TextShape shape, ITensorSource source, ScalarType type, Device device)
    {
        var tensors = new QwenTensors(source);
        IReadOnlyDictionary<string, long[]> shapes = Shapes(shape);
        foreach (string part in new[] { Name, OutputName })
            tensors.RequireShapes(shapes.Where(weight => weight.Key.StartsWith($"{part}.", StringComparison.Ordinal)).ToDictionary(), $"{part}.");
        return ModelWeights.Read(tensors, type, device, weights => new TextModel(shape, weights));
    }

    /// <summary>Whether a gradient of the embedding is wanted, as of no weight but in tests.</summary>
    public bool EmbeddingWantsGradient => _embedding.requires_grad;

    /// <summary>Embeddings of tokens.</summary>
    /// <param name="tokens">[N] of Int64.</param>
    /// <returns>[N, H].</returns>
    public Tensor Embed(Tensor tokens) => _embedding.index_select(0, tokens);

    /// <summary>Embeddings of a prompt, its images in their places: [S, H].</summary>
    public Tensor Embed(TextPrompt prompt)
    {
        using var scope = NewDisposeScope();
        Tensor embedded = Embed(prompt.Tokens);
        return (prompt.Features is null ? embedded : embedded.index_copy(0, prompt.ImagePlaces, prompt.Features.Tokens.to(Type))).MoveToOuterDisposeScope();
    }

    /// <summary>Runs a layer, and adds what the vision tower has for the images behind it.</summary>
    /// <param name="layer">Which one, from 0.</param>
    /// <param name="hidden">[N, H].</param>
    /// <param name="rotation">Of the N tokens' positions, or of one that all share.</param>
    /// <param name="attend">Who sees whom.</param>
    /// <param name="adapter">What training has changed; null for the model as it was read.</param>
    /// <param name="prompt">The prompt whose tokens are the first of the N; null where they are none of a prompt.</param>
    /// <returns>[N, H].</returns>
    public Tensor Run(int layer, Tensor hidden, TextRotation rotation, Attend attend, LoraAdapter? adapter, TextPrompt? prompt)
    {
        using var scope = NewDisposeScope();
        Tensor output = _layers[layer].Forward(hidden, rotation, attend, adapter?[layer]);
        return (prompt?.Features is { } features && layer < features.Deepstack.Count
            ? output.index_add(0, prompt.ImagePlaces, features.Deepstack[layer].to(Type), One)
            : output).MoveToOuterDisposeScope();
    }

    /// <summary>The last norm: [N, H].</summary>
    public Tensor Normalise(Tensor hidden) => RootMeanSquareNorm.Apply(hidden, _finalNorm, Shape.NormEpsilon);

    /// <summary>Scores of the next token, as the output layer gives them.</summary>
    /// <param name="hidden">What the last layer gave, [N, H].</param>
    /// <returns>[N, V] of Float32.</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(Normalise(hidden), _output).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();
}
