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

    /// <summary>The path of a name.</summary>
    public string Resolve(string? name) => Within(name) ?? throw new InvalidDataException(IsName(name)
        ? $"the file name '{name}' leads out of the folder '{FullPath}'."
        : $"the file name '{name}' is empty or not a name.");

    /// <summary>The path of a name; null where it is none, or leads out of the folder.</summary>
    public string? Within(string? name) =>
        IsName(name) && Path.GetFullPath(Path.Combine(FullPath, name!)) is var path && path.StartsWith(FullPath + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : null;

    private static bool IsName(string? name) => !string.IsNullOrWhiteSpace(name) && !name.Contains('\0');
}
