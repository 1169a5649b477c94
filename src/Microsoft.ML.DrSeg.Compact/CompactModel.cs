using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The embedded model: under a million parameters in all, small enough to train on two processor cores in minutes. Its base
/// model is <see cref="DrSegModel.LoadBase"/>.
/// </summary>
public static class CompactModel
{
    /// <summary>Creates a model with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <param name="shape">Sizes and words.</param>
    /// <param name="device">Where the tensors live; null for the processor, META for names and shapes alone, which take no memory.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other or the nouns.</exception>
    internal static DrSegModel Create(CompactModelShape shape, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var vocabulary = new QueryVocabulary(shape.Nouns);
        if (shape.Policy.QueryTokens != vocabulary.Size || shape.Confirmation.QueryTokens != vocabulary.Size)
            throw new ArgumentException($"The nouns have {vocabulary.Size} query tokens, but the policy is made for {shape.Policy.QueryTokens} and the confirming head for {shape.Confirmation.QueryTokens}; use {nameof(CompactModelShape)}.{nameof(CompactModelShape.ForNouns)}.", nameof(shape));
        return new DrSegModel(
            new CompactPolicy(shape.Policy, vocabulary, device), new CompactSegmenter(shape.Segmenter, device),
            new CompactConfirmation(shape.Confirmation, vocabulary, device), CompactModelFormat.Instance);
    }

    extension(DrSegModel model)
    {
        /// <summary>The words that a compact model knows.</summary>
        /// <exception cref="NotSupportedException">Its policy is another.</exception>
        public QueryVocabulary Vocabulary => model.CompactPolicy.Vocabulary;

        /// <summary>The sizes and words of a compact model.</summary>
        /// <exception cref="NotSupportedException">A part is another.</exception>
        internal CompactModelShape Shape => new(model.Vocabulary.Nouns, model.CompactPolicy.Shape, model.CompactSegmenter.Shape, model.CompactConfirmation.Shape);

        internal CompactPolicy CompactPolicy => model.Policy as CompactPolicy ?? throw Another(model.Policy, nameof(CompactPolicy));

        internal CompactSegmenter CompactSegmenter => model.Segmenter as CompactSegmenter ?? throw Another(model.Segmenter, nameof(CompactSegmenter));

        internal CompactConfirmation CompactConfirmation => model.Confirmation as CompactConfirmation ?? throw Another(model.Confirmation, nameof(CompactConfirmation));
    }

    private static NotSupportedException Another(object part, string wanted) => new($"This needs a compact model, whose part is a {wanted}, not a {part.GetType().Name}.");
}

/// <summary>The file of a compact model: its <see cref="CompactModelShape"/>, and the weights of all three parts.</summary>
internal sealed class CompactModelFormat : ModelFormat
{
    private const int NarrowStems = 1;
    private const string BaseModel = "Microsoft.ML.DrSeg.base.drseg";

    private static readonly JsonSerializerOptions Json = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public static CompactModelFormat Instance { get; } = new();

    public override string Name => "Compact";

    public override JsonElement Describe(DrSegModel model) => JsonSerializer.SerializeToElement(model.Shape, Json);

    public override IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model)
    {
        (string Part, nn.Module Network)[] networks = [("policy", model.CompactPolicy.Network), ("segmenter", model.CompactSegmenter.Network), ("confirmation", model.CompactConfirmation.Network)];
        return networks.SelectMany(part => part.Network.state_dict().Select(entry => (Name: $"{part.Part}.{entry.Key}", entry.Value))).ToDictionary();
    }

    public override DrSegModel Create(JsonElement description, Device device) =>
        CompactModel.Create(description.Deserialize<CompactModelShape>(Json) ?? throw new JsonException("The model's sizes are missing."), device);

    internal override DrSegModel LoadBase(Device? device)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(BaseModel)
            ?? throw new InvalidOperationException($"This build of the library ships no base model ('{BaseModel}' is missing). Train one with 'drseg pretrain' and load it from its file.");
        return DrSegModelFile.Read(stream, "the base model", device);
    }

    internal override void Upgrade(int version, Dictionary<string, (long[] Shape, float[] Values)> weights, IReadOnlyDictionary<string, long[]> expected)
    {
        if (version != NarrowStems) return;
        foreach (string part in new[] { "policy", "confirmation" })
            VisionTower.Widen(weights, $"{part}.vision", expected);
    }

    // Found by name, by whoever loads a file: nobody needs to call anything first.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A file names its kind of model, and the assembly is loaded for it.")]
    internal static void Register() => Register(Instance);
}
