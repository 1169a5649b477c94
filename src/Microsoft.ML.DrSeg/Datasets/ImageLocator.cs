namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Finds the images that a data set names, in one folder or several. Names are written by other people's tools: with either
/// slash, with folders that are not here, in another case. None may lead out of the folders.
/// </summary>
/// <param name="folders">Where to look, first come, first served; at least one.</param>
internal sealed class ImageLocator(params IEnumerable<string> folders)
{
    private readonly DataFolder[] _folders = [.. folders.Distinct().Select(folder => new DataFolder(folder))];
    private readonly Dictionary<string, Dictionary<string, string>> _listings = new(StringComparer.Ordinal);

    public static implicit operator ImageLocator(string folder) => new(folder);

    /// <summary>The folders, for messages.</summary>
    public override string ToString() => string.Join(", ", _folders.Select(folder => $"'{folder.FullPath}'"));

    /// <summary>The file of a name; where there is none, where it would be.</summary>
    /// <exception cref="InvalidDataException">It is no name, or leads out of the folders.</exception>
    public string Find(string? name)
    {
        string[] parts = (name ?? "").Replace('\\', '/').Split('/');
        foreach (bool anyCase in (ReadOnlySpan<bool>)[false, true])
            for (int cut = 0; cut < parts.Length; cut++)
                foreach (DataFolder folder in _folders)
                    if (folder.Within(string.Join('/', parts[cut..])) is { } path && (anyCase ? Listed(path) : File.Exists(path) ? path : null) is { } found)
                        return found;
        return _folders[0].Resolve(string.Join('/', parts));
    }

    /// <summary>The image of a name without extension.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public string FindByStem(string stem)
    {
        string? other = null;
        foreach (DataFolder folder in _folders)
        {
            foreach (string extension in ImageFiles.Extensions)
                if (folder.Within(stem + extension) is { } path && (File.Exists(path) ? path : Listed(path)) is { } found)
                    return found;
            other ??= ImageFiles.OtherExtensions.Select(extension => folder.Within(stem + extension)).FirstOrDefault(path => path is not null && Listed(path) is not null);
        }
        throw new FileNotFoundException($"There is no image '{stem}' ({string.Join(", ", ImageFiles.Extensions)}) in {this}."
            + (other is null ? " Name the folder of images with --images (ImageFolder) if it is another." : $" '{Path.GetFileName(other)}' is not of these formats: save it as PNG or JPEG."), stem);
    }

    // The file of that path in any case. A folder is listed once.
    private string? Listed(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        lock (_listings)
        {
            if (!_listings.TryGetValue(folder, out Dictionary<string, string>? files))
            {
                files = new(StringComparer.OrdinalIgnoreCase);
                foreach (string file in Directory.Exists(folder) ? ImageFiles.In(folder) : [])
                    files.TryAdd(Path.GetFileName(file), file);
                _listings.Add(folder, files);
            }
            return files.GetValueOrDefault(Path.GetFileName(path));
        }
    }
}
