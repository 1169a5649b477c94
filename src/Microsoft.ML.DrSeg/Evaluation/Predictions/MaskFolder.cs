using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Predicted masks as PNGs that are named like their image, black outside: <c>QUERY/NAME.png</c>, or <c>NAME.png</c> for data
/// that ask one thing of an image. A mask that is missing is a failed answer.
/// </summary>
internal sealed class MaskFolder
{
    private readonly string _folder;
    private readonly Dictionary<(string Query, string Name), string> _files = [];
    private readonly HashSet<(string Query, string Name)> _used = [];

    public MaskFolder(string folder)
    {
        _folder = folder;
        foreach (var (query, below) in Directory.EnumerateDirectories(folder).Select(below => (Path.GetFileName(below), below)).Prepend(("", folder)))
            foreach (var file in Directory.EnumerateFiles(below))
                if (Path.GetExtension(file).Equals(".png", StringComparison.OrdinalIgnoreCase) && !_files.TryAdd((query, Path.GetFileNameWithoutExtension(file)), file))
                    throw new InvalidDataException($"'{file}': there are two masks of this name, which differ in the letters of '.png' alone.");
        if (_files.Count == 0)
            throw new InvalidDataException($"'{folder}' holds no mask: no .png, neither in the folder nor in one below it.");
    }

    public int Count => _files.Count;

    /// <summary>The file that answers a query about an image; null where there is none. What was asked for once is known to belong to the data set.</summary>
    public string? Find(string imagePath, string query)
    {
        var name = Path.GetFileNameWithoutExtension(imagePath);
        foreach (var key in new[] { (query, name), ("", name) })
            if (_files.TryGetValue(key, out var file))
            {
                if (!_used.Add(key) && key.Item1.Length == 0)
                    throw new InvalidDataException($"'{file}': the image '{imagePath}' is asked for more than one thing; put its masks into folders named like what is asked, such as '{Path.Combine(_folder, query, name)}.png'.");
                return file;
            }
        return null;
    }

    public static SegmentationMask Load(string path, int width, int height)
    {
        try
        {
            var mask = SegmentationMask.LoadPng(path);
            return mask.Width == width && mask.Height == height ? mask : throw new InvalidDataException($"it is {mask.Width} x {mask.Height} pixels, but its image {width} x {height}.");
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw new SourcePlace(path).Problem(error);
        }
    }

    /// <exception cref="InvalidDataException">There are masks that nobody has asked for: they belong to other data.</exception>
    public void RequireAllAsked()
    {
        foreach (var (key, file) in _files.Where(pair => !_used.Contains(pair.Key)).OrderBy(pair => pair.Value, StringComparer.Ordinal).Take(1))
            throw new InvalidDataException($"'{file}' belongs to no row: the data set does not ask{(key.Query.Length == 0 ? "" : $" '{key.Query}'")} about an image '{key.Name}'.");
    }
}
