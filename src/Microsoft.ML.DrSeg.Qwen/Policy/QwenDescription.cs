using System.Text.Json;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What a file holds of a model besides what was trained: which checkpoints it stands on, and how they are asked.</summary>
/// <param name="Model">Folder of the visual language model.</param>
/// <param name="ModelIdentity">Its identity (<see cref="BaseIdentity"/>): another model under the same name is refused.</param>
/// <param name="Segmenter">Checkpoint of the segmenter.</param>
/// <param name="SegmenterIdentity">Its identity.</param>
/// <param name="WeightType">Type of the frozen weights.</param>
/// <param name="Settings">How the model is asked.</param>
/// <param name="Lora">Size and weight of the adapter.</param>
/// <param name="LoraModules">The linear layers that it is beside.</param>
/// <param name="Confirmation">Sizes of the confirming head.</param>
internal sealed record QwenDescription(
    string Model, string ModelIdentity, string Segmenter, string SegmenterIdentity, ScalarType WeightType,
    QwenPolicySettings Settings, LoraSettings Lora, string[] LoraModules, SamConfirmationShape Confirmation)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <exception cref="JsonException">It is no such description.</exception>
    public static QwenDescription Parse(JsonElement json) => json.Deserialize<QwenDescription>(Json) ?? throw new JsonException("The model's description is empty.");

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, Json);
}
