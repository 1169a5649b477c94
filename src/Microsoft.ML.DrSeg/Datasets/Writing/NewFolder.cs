using System.Text.Json;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// A folder that is written whole or not at all: files go to one of another name beside it, which <see cref="Complete"/> renames.
/// Disposing without completing removes all of it.
/// </summary>
internal sealed class NewFolder : IDisposable
{
    private readonly string _folder, _partial;

    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    public NewFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(_folder) || (Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any()))
            throw new IOException($"'{folder}' is there already and is not an empty folder. Choose another folder, or remove it first.");
        _partial = $"{_folder}.{Path.GetRandomFileName()}.partial";
        Directory.CreateDirectory(_partial);
    }

    /// <summary>Gives the folder its name.</summary>
    public void Complete()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder);
        Directory.Move(_partial, _folder);
    }

    /// <summary>The path of a file to write; its folder is made.</summary>
    public string PathOf(params ReadOnlySpan<string> parts)
    {
        string path = Path.Combine([_partial, .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes a JSON file in the folder.</summary>
    public void WriteJson(string name, Action<Utf8JsonWriter> write)
    {
        using FileStream stream = File.Create(PathOf(name));
        using var json = new Utf8JsonWriter(stream);
        write(json);
    }

    public void Dispose()
    {
        if (Directory.Exists(_partial))
            Directory.Delete(_partial, recursive: true);
    }
}
