using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads <c>model.safetensors.index.json</c>, whose <c>weight_map</c> says in which file of the folder every tensor lies.
/// The names are only ever names: one that leads out of the folder is refused.
/// </summary>
internal static class SafetensorsIndex
{
    private const int LongestFile = 100_000_000;

    /// <summary>File names by the names of tensors.</summary>
    /// <exception cref="InvalidDataException">It is no such index, names a tensor twice, or a file outside its folder.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > LongestFile)
            throw new InvalidDataException($"'{path}' has {length} bytes; an index of tensors has {LongestFile} at most.");
        try
        {
            var fileOf = new Dictionary<string, string>();
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty entry in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string file = entry.Value.GetString() ?? "null";
                if (!IsPlain(file))
                    throw new InvalidDataException($"'{path}' lays the tensor '{entry.Name}' in '{file}'; expected the name of a .safetensors file in the same folder.");
                if (!fileOf.TryAdd(entry.Name, file))
                    throw new InvalidDataException($"'{path}' names the tensor '{entry.Name}' twice.");
            }
            return fileOf;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is no index of tensors: {error.Message}", error);
        }
    }

    // Both separators and the drive's colon on every system, so that a folder means the same everywhere.
    private static bool IsPlain(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal) && file.IndexOfAny(['/', '\\', ':', '\0']) < 0;
}
