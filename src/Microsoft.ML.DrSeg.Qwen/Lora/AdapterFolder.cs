using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>An adapter as a folder that Python's peft loads: <c>adapter_model.safetensors</c> and <c>adapter_config.json</c>.</summary>
internal static class AdapterFolder
{
    private const string ModelFile = "adapter_model.safetensors", ConfigFile = "adapter_config.json";

    /// <summary>Writes both files, each whole or not at all.</summary>
    /// <param name="folder">Where; made if it is not there.</param>
    /// <param name="adapter">What.</param>
    /// <param name="baseModel">Folder or name of the model that it belongs to.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, LoraAdapter adapter, string baseModel)
    {
        AtomicFile.Write(Path.Combine(folder, ModelFile), stream => SafetensorsFile.Write(stream, adapter.Tensors(), format: "pt"));
        AtomicFile.WriteText(Path.Combine(folder, ConfigFile), AdapterConfig.Write(adapter.Settings, baseModel));
    }

    /// <summary>Reads an adapter, its tensors' names in either layout. Which modules it has, its tensors say.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="shape">Sizes of the model that it is for.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">It is damaged, of another kind, or for a model of other sizes.</exception>
    public static LoraAdapter Read(string folder, TextShape shape, Device device)
    {
        string config = Path.Combine(folder, ConfigFile), model = Path.Combine(folder, ModelFile);
        foreach (string path in new[] { config, model })
            if (!File.Exists(path))
                throw new FileNotFoundException($"'{folder}' has no {Path.GetFileName(path)}. Give the folder of an adapter that peft has written, with safetensors.", path);
        LoraSettings settings = AdapterConfig.Read(File.ReadAllText(config), config);
        using var file = SafetensorsFolder.Open(model);
        Dictionary<(int, TextModule, bool), string> names = Named(file, settings, shape);
        return LoraAdapter.Of(shape, settings, (layer, module) => names.TryGetValue((layer, module, false), out string? down)
            ? (file.Read(down, ScalarType.Float32, device), file.Read(names[(layer, module, true)], ScalarType.Float32, device))
            : null);
    }

    private static Dictionary<(int, TextModule, bool), string> Named(SafetensorsFolder file, LoraSettings settings, TextShape shape)
    {
        var names = new Dictionary<(int, TextModule, bool), string>();
        foreach ((string name, long[] found) in file.Shapes)
        {
            if (LoraNames.Factor(name) is not var (layer, module, isUp) || layer >= shape.Layers)
                throw new InvalidDataException($"'{file.Source}' holds the tensor '{name}', which belongs to no linear layer of a text model of {shape.Layers} layers. Adapters to other parts are not supported.");
            (int inputs, int outputs) = module.Sizes(shape);
            long[] expected = isUp ? [outputs, settings.Rank] : [settings.Rank, inputs];
            if (!found.SequenceEqual(expected))
                throw new InvalidDataException($"'{file.Source}' holds the tensor '{name}' of shape [{string.Join(", ", found)}]; the model and r = {settings.Rank} need [{string.Join(", ", expected)}].");
            if (!names.TryAdd((layer, module, isUp), name))
                throw new InvalidDataException($"'{file.Source}' holds both '{name}' and '{names[(layer, module, isUp)]}', which are the same factor.");
        }
        foreach (((int layer, TextModule module, bool isUp), string name) in names)
            if (!names.ContainsKey((layer, module, !isUp)))
                throw new InvalidDataException($"'{file.Source}' holds '{name}' without the other factor. Write the adapter again.");
        return names.Count > 0 ? names : throw new InvalidDataException($"'{file.Source}' holds no factor.");
    }
}
