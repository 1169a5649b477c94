using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The file of a real model: what was trained, adapter and confirming head, and what tells the checkpoints that it stands on.</summary>
internal sealed class QwenModelFormat : ModelFormat
{
    private const string Head = "confirmation.";

    public static QwenModelFormat Instance { get; } = new();

    public override string Name => "Qwen";

    public override JsonElement Describe(DrSegModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (QwenPolicy policy, SharedSegmenter segmenter, SamConfirmation confirmation) = Parts(model);
        return new QwenDescription(
            policy.Folder.Path, policy.Folder.Identity, segmenter.Path, segmenter.Identity, policy.WeightType, policy.Settings,
            policy.Adapter.Settings, [.. policy.Adapter.Modules().Select(one => Place(one.Layer, one.Module))], confirmation.Shape).ToJson();
    }

    public override IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (QwenPolicy policy, _, SamConfirmation confirmation) = Parts(model);
        return policy.Adapter.Tensors().Concat(confirmation.Weights.Select(weight => KeyValuePair.Create(Head + weight.Key, weight.Value))).ToDictionary();
    }

    public override DrSegModel Create(JsonElement description, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var described = QwenDescription.Parse(description);
        var folder = QwenFolder.Open(BasePath.Find(described.Model, described.ModelIdentity));
        return Assemble(folder, BasePath.Find(described.Segmenter, described.SegmenterIdentity), described.WeightType, described.Settings,
            Adapter(folder.Shape.Text, described, device), described.Confirmation, seed: 0, device, null, default);
    }

    /// <summary>Makes a model of its parts.</summary>
    /// <param name="folder">The visual language model.</param>
    /// <param name="segmenter">Checkpoint of the segmenter.</param>
    /// <param name="type">Type of the frozen weights.</param>
    /// <param name="settings">How the model is asked.</param>
    /// <param name="adapter">The adapter; the model's from here on.</param>
    /// <param name="confirmation">Sizes of the confirming head; null for the usual.</param>
    /// <param name="seed">Fixes the head's fresh weights.</param>
    /// <param name="device">Where it lives; META for names and shapes alone.</param>
    /// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    public static DrSegModel Assemble(
        QwenFolder folder, BaseLocation segmenter, ScalarType type, QwenPolicySettings settings, LoraAdapter adapter, SamConfirmationShape? confirmation, int seed,
        Device device, IProgress<double>? progress, CancellationToken cancellation)
    {
        QwenPolicy? policy = null;
        SharedSegmenter? shared = null;
        try
        {
            policy = new QwenPolicy(folder, type, adapter, settings, device, progress, cancellation);
            shared = SharedSegmenter.Take(segmenter, type, device, progress, cancellation);
            confirmation ??= new SamConfirmationShape(shared.Segmenter.Shape.FeatureWidth, folder.Shape.Text.HiddenSize);
            return new DrSegModel(policy, shared, new SamConfirmation(confirmation, shared.Segmenter, policy.Meanings, (ulong)seed), Instance);
        }
        catch
        {
            shared?.Dispose();
            policy?.Dispose();
            if (policy is null) adapter.Dispose();
            throw;
        }
    }

    // Of the same modules; their numbers are read into it.
    private static LoraAdapter Adapter(TextShape shape, QwenDescription described, Device device)
    {
        var modules = described.LoraModules.ToHashSet();
        return LoraAdapter.Of(shape, described.Lora, (layer, module) =>
        {
            if (!modules.Contains(Place(layer, module))) return null;
            (int inputs, int outputs) = module.Sizes(shape);
            return (zeros([described.Lora.Rank, inputs], ScalarType.Float32, device), zeros([outputs, described.Lora.Rank], ScalarType.Float32, device));
        });
    }

    private static string Place(int layer, TextModule module) => $"{layer}.{module.Path()}";

    private static (QwenPolicy, SharedSegmenter, SamConfirmation) Parts(DrSegModel model) =>
        (model.Policy, model.Segmenter, model.Confirmation) is (QwenPolicy policy, SharedSegmenter segmenter, SamConfirmation confirmation)
            ? (policy, segmenter, confirmation)
            : throw new NotSupportedException($"This needs a model of {nameof(QwenModel)}, not of parts of one's own.");

    // Found by name, by whoever loads a file: nobody needs to call anything first.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A file names its kind of model, and the assembly is loaded for it.")]
    internal static void Register() => Register(Instance);
}
