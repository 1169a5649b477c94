using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Reads JSON files of a model's folder, with errors that name the file.</summary>
internal static class FolderJson
{
    /// <summary>Reads one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Takes what is wanted from it; what it throws as <see cref="InvalidDataException"/> gets the file's name put before it.</param>
    /// <exception cref="InvalidDataException">It is no JSON, or <paramref name="read"/> refuses it.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"'{path}' cannot be used: {error.Message} Fetch it again from the model's page.", error);
        }
    }
}
