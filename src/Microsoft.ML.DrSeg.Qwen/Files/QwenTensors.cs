using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The weights of a Qwen model under the names that transformers gives them since 4.52, whichever the file has. Qwen's own files
/// say <c>visual.</c> and <c>model.</c> where these say <c>model.visual.</c> and <c>model.language_model.</c>.
/// Tables that are computed (<c>inv_freq</c>) are left out. Renaming: <c>_checkpoint_conversion_mapping</c> in
/// huggingface/transformers, <c>src/transformers/models/qwen2_5_vl/modeling_qwen2_5_vl.py</c>.
/// </summary>
internal sealed class QwenTensors : ITensorSource
{
    private readonly ITensorSource _stored;
    private readonly Dictionary<string, string> _storedName = [];

    /// <exception cref="InvalidDataException">Two tensors are of one name but for the layout.</exception>
    public QwenTensors(ITensorSource stored)
    {
        _stored = stored;
        foreach (string name in stored.Shapes.Keys.Where(name => !name.EndsWith(".inv_freq", StringComparison.Ordinal)))
            if (!_storedName.TryAdd(NewName(name), name))
                throw new InvalidDataException($"'{Source}' holds both '{name}' and '{_storedName[NewName(name)]}', which are the same tensor.");
        Shapes = _storedName.ToDictionary(tensor => tensor.Key, tensor => stored.Shapes[tensor.Value]);
    }

    public string Source => _stored.Source;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name, ScalarType? type, Device device) =>
        _stored.Read(_storedName.GetValueOrDefault(name, name), type, device);

    /// <summary>A tensor's name in today's layout.</summary>
    public static string NewName(string name) =>
        name.StartsWith("visual.", StringComparison.Ordinal) ? $"model.{name}"
        : name.StartsWith("model.", StringComparison.Ordinal) && !name.StartsWith("model.visual.", StringComparison.Ordinal) && !name.StartsWith("model.language_model.", StringComparison.Ordinal)
            ? $"model.language_model.{name["model.".Length..]}"
        : name;
}
