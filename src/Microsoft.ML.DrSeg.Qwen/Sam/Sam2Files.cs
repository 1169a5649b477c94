namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Finds the weights and sizes of a SAM 2 in what a user has: a folder of Hugging Face, or a file of facebook.</summary>
internal static class Sam2Files
{
    private const string Config = "config.json";

    /// <summary>Opens weights and tells their sizes.</summary>
    /// <param name="path">
    /// A folder with model.safetensors (and config.json, or one of the published sizes) or with a single .pt; or such a file itself.
    /// </param>
    /// <returns>The weights, the caller's to dispose, and their sizes.</returns>
    /// <exception cref="FileNotFoundException">There is nothing of the kind.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the size is unknown.</exception>
    public static (ITensorSource Source, Sam2Shape Shape) Open(string path)
    {
        ITensorSource source = OpenTensors(path);
        try
        {
            string config = Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, Config);
            bool isConfigured = source is SafetensorsFolder && File.Exists(config);
            return (source, isConfigured ? Sam2Config.Read(config) : Sam2Shape.Recognise(new Sam2Tensors(source)));
        }
        catch
        {
            (source as IDisposable)?.Dispose();
            throw;
        }
    }

    private static ITensorSource OpenTensors(string path)
    {
        if (File.Exists(path))
            return IsTorch(path) ? new TorchCheckpoint(path) : SafetensorsFolder.Open(path);
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is neither a folder nor a file. Give a folder with model.safetensors and config.json, or a checkpoint such as sam2.1_hiera_large.pt.");
        if (Directory.EnumerateFiles(path, "*.safetensors").Any())
            return SafetensorsFolder.Open(path);
        return Directory.GetFiles(path).Where(IsTorch).ToArray() switch
        {
            [var only] => new TorchCheckpoint(only),
            [] => throw new FileNotFoundException($"'{path}' holds neither model.safetensors nor a .pt file."),
            var several => throw new FileNotFoundException($"'{path}' holds {several.Length} .pt files; name the one that is wanted."),
        };
    }

    private static bool IsTorch(string path) => Path.GetExtension(path) is ".pt" or ".pth";
}
