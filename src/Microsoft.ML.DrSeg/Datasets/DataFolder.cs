namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>A folder that a data set names files in. Names come from outside: none may lead out of the folder.</summary>
internal sealed class DataFolder
{
    public DataFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    public string FullPath { get; }

    public string Resolve(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('\0'))
            throw new InvalidDataException($"the file name '{name}' is empty or not a name.");
        string path = Path.GetFullPath(Path.Combine(FullPath, name));
        return path.StartsWith(FullPath + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"the file name '{name}' leads out of the folder '{FullPath}'.");
    }
}
