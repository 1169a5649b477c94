using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Names of an adapter's tensors in the files of peft: <c>base_model.model.</c>, the module's path in the model, and the factor
/// (huggingface/peft, <c>src/peft/utils/save_and_load.py</c>). Written in today's layout of the model's names, read in both.
/// </summary>
internal static partial class LoraNames
{
    private const string Prefix = "base_model.model.";

    public static string Down(int layer, TextModule module) => $"{Prefix}model.language_model.layers.{layer}.{module.Path()}.lora_A.weight";

    public static string Up(int layer, TextModule module) => $"{Prefix}model.language_model.layers.{layer}.{module.Path()}.lora_B.weight";

    /// <summary>What a tensor of an adapter is; null where it is none of a text model's.</summary>
    public static (int Layer, TextModule Module, bool IsUp)? Factor(string name) =>
        AdapterTensor().Match(name) is { Success: true } match && Module(match) is var (layer, module) ? (layer, module, match.Groups["factor"].Value == "B") : null;

    /// <summary>Whose weight a tensor of a model is; null where no adapter adds to it.</summary>
    public static (int Layer, TextModule Module)? Weight(string name) => ModelTensor().Match(QwenTensors.NewName(name)) is { Success: true } match ? Module(match) : null;

    private static (int Layer, TextModule Module)? Module(Match match) =>
        TextModules.Named(match.Groups["path"].Value) is { } module ? (int.Parse(match.Groups["layer"].Value, CultureInfo.InvariantCulture), module) : null;

    [GeneratedRegex(@"^base_model\.model\.model\.(language_model\.)?layers\.(?<layer>\d{1,6})\.(?<path>.+)\.lora_(?<factor>[AB])\.weight$")]
    private static partial Regex AdapterTensor();

    [GeneratedRegex(@"^model\.language_model\.layers\.(?<layer>\d{1,6})\.(?<path>.+)\.weight$")]
    private static partial Regex ModelTensor();
}
