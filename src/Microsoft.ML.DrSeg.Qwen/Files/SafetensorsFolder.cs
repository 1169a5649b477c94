using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The weights of a Hugging Face folder: one <c>model.safetensors</c>, or the files that <c>model.safetensors.index.json</c>
/// spreads them over. Of two that are there, the single file counts, as for the transformers library.
/// </summary>
internal sealed class SafetensorsFolder : ITensorSource, IDisposable
{
    private const string SingleFile = "model.safetensors", IndexFile = "model.safetensors.index.json";

    private readonly Dictionary<string, MappedSafetensors> _files = [];
    private readonly Dictionary<string, MappedSafetensors> _fileOf = [];

    private SafetensorsFolder(string source) => Source = source;

    public string Source { get; }

    public IReadOnlyDictionary<string, long[]> Shapes { get; private set; } = new Dictionary<string, long[]>();

    /// <summary>Opens a folder, or a file alone.</summary>
    /// <exception cref="FileNotFoundException">There is neither, or a file is missing that the index names.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or index and files differ.</exception>
    public static SafetensorsFolder Open(string path)
    {
        var opened = new SafetensorsFolder(path);
        try
        {
            if (File.Exists(path))
                opened.Add(path);
            else if (File.Exists(Path.Combine(path, SingleFile)))
                opened.Add(Path.Combine(path, SingleFile));
            else if (File.Exists(Path.Combine(path, IndexFile)))
                opened.AddIndexed(path);
            else
                throw new FileNotFoundException($"'{path}' holds neither {SingleFile} nor {IndexFile}. Give the folder of a model in Hugging Face's layout; weights in .bin files must be saved again with safe serialization.");
            opened.Shapes = opened._fileOf.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Tensors[tensor.Key].Shape);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public Tensor Read(string name, ScalarType? type, Device device) =>
        _fileOf.TryGetValue(name, out MappedSafetensors? file)
            ? file.Read(name, type, device)
            : throw new InvalidDataException($"'{Source}' lacks the tensor '{name}'.");

    public void Dispose()
    {
        foreach (MappedSafetensors file in _files.Values)
            file.Dispose();
    }

    private MappedSafetensors Add(string path)
    {
        var file = new MappedSafetensors(path);
        _files.Add(path, file);
        foreach (string name in file.Tensors.Keys)
            if (!_fileOf.TryAdd(name, file))
                throw new InvalidDataException($"'{Source}' holds the tensor '{name}' twice: in '{Path.GetFileName(_fileOf[name].Path)}' and '{Path.GetFileName(path)}'.");
        return file;
    }

    private void AddIndexed(string folder)
    {
        string index = Path.Combine(folder, IndexFile);
        Dictionary<string, string> fileOf = SafetensorsIndex.Read(index);
        foreach (string fileName in fileOf.Values.Distinct().Order(StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, fileName);
            if (!File.Exists(path))
                throw new FileNotFoundException($"'{index}' names the file '{fileName}', which is missing. Fetch it again.", path);
            if (Add(path).Tensors.Keys.FirstOrDefault(name => fileOf.GetValueOrDefault(name) != fileName) is { } other)
                throw new InvalidDataException($"'{path}' holds the tensor '{other}', which '{IndexFile}' does not lay there. Fetch both again.");
        }
        if (fileOf.FirstOrDefault(tensor => !_fileOf.ContainsKey(tensor.Key)) is { Key: { } missing, Value: var supposed })
            throw new InvalidDataException($"'{Path.Combine(folder, supposed)}' lacks the tensor '{missing}', which '{IndexFile}' lays there. Fetch both again.");
    }
}
