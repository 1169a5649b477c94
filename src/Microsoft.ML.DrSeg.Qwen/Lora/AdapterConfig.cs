using System.Text;
using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads and writes <c>adapter_config.json</c> of peft (huggingface/peft, <c>src/peft/tuners/lora/config.py</c>). What is written is
/// what matters, as older versions refuse fields that they do not know; what is read must be what is computed here.
/// </summary>
internal static class AdapterConfig
{
    // A list of names would also match the vision tower's gate_proj, up_proj and down_proj.
    private const string Targets = @".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)";

    /// <summary>Fields that would compute something else, and what they must be for an adapter as it is here.</summary>
    private static readonly (string Field, Func<JsonElement, bool> IsPlain)[] Refused =
    [
        ("use_dora", IsOff), ("use_qalora", IsOff), ("fan_in_fan_out", IsOff), ("lora_bias", IsOff),
        ("bias", value => IsOff(value) || value.ValueKind == JsonValueKind.String && value.GetString() == "none"),
        ("modules_to_save", IsEmpty), ("rank_pattern", IsEmpty), ("alpha_pattern", IsEmpty), ("layer_replication", IsEmpty), ("trainable_token_indices", IsEmpty),
    ];

    /// <summary>The text of the file.</summary>
    /// <param name="settings">The adapter's.</param>
    /// <param name="baseModel">Folder or name of the model that it belongs to.</param>
    public static string Write(LoraSettings settings, string baseModel)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("peft_type", "LORA");
            json.WriteString("task_type", "CAUSAL_LM");
            json.WriteString("base_model_name_or_path", baseModel);
            json.WriteNumber("r", settings.Rank);
            json.WriteNumber("lora_alpha", settings.Alpha);
            json.WriteNumber("lora_dropout", 0.0);
            json.WriteString("bias", "none");
            json.WriteBoolean("use_rslora", settings.RankStabilised);
            json.WriteBoolean("use_dora", false);
            json.WriteBoolean("fan_in_fan_out", false);
            json.WriteBoolean("init_lora_weights", true);
            json.WriteNull("modules_to_save");
            json.WriteBoolean("inference_mode", true);
            json.WriteString("target_modules", Targets);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <param name="text">The text of the file.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <exception cref="InvalidDataException">It is of another kind of adapter; names the field.</exception>
    public static LoraSettings Read(string text, string source)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            JsonElement root = json.RootElement;
            if (root.GetProperty("peft_type").GetString() is var kind && kind != "LORA")
                throw new InvalidDataException($"'{source}' is of the kind of adapter '{kind}' (peft_type); only LORA can be read.");
            foreach ((string field, Func<JsonElement, bool> isPlain) in Refused)
                if (root.TryGetProperty(field, out JsonElement value) && !isPlain(value))
                    throw new InvalidDataException($"'{source}' sets {field} to {value.GetRawText()}, which is not supported. Train the adapter without it, or merge it into its model and use that.");
            int rank = root.GetProperty("r").GetInt32();
            double alpha = root.GetProperty("lora_alpha").GetDouble();
            if (rank < 1 || !(alpha > 0) || double.IsInfinity(alpha))
                throw new InvalidDataException($"'{source}' gives r as {rank} and lora_alpha as {alpha}; expected both above 0.");
            return new LoraSettings(rank, alpha, root.TryGetProperty("use_rslora", out JsonElement stabilised) && !IsOff(stabilised));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{source}' is no configuration of an adapter: {error.Message}", error);
        }
    }

    private static bool IsOff(JsonElement value) => value.ValueKind is JsonValueKind.False or JsonValueKind.Null;

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
