using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The weights of a model under the names that Qwen's own files have.</summary>
internal sealed class OldNames(ITensorSource today) : ITensorSource
{
    private readonly Dictionary<string, string> _today = today.Shapes.Keys.ToDictionary(
        name => name.Replace("model.visual.", "visual.", StringComparison.Ordinal).Replace("model.language_model.", "model.", StringComparison.Ordinal));

    public string Source => today.Source;

    public IReadOnlyDictionary<string, long[]> Shapes => _today.ToDictionary(name => name.Key, name => today.Shapes[name.Value]);

    public Tensor Read(string name, ScalarType? type, Device device) => today.Read(_today[name], type, device);
}
