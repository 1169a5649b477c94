namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Says what is in a folder that is no data set, and what to do about formats that other tools write and this library does not read.</summary>
internal static class UnreadFormats
{
    private const int Shown = 8;

    public static string Describe(string path)
    {
        if (File.Exists(path))
            return Advice(path) ?? (IsJson(path) ? $"As a JSON file: {JsonGlance.At(path).What}" : "It is no JSON file, and no data.yaml with folders of labels beside it.");
        string[] files = [.. ImageFiles.In(path)], folders = [.. ImageFiles.FoldersIn(path).Select(folder => Path.GetFileName(folder) + "/")];
        IEnumerable<string> kinds = files.GroupBy(file => Path.GetExtension(file).ToLowerInvariant()).OrderByDescending(kind => kind.Count()).Select(kind => $"{kind.Count()} files {kind.Key}".TrimEnd());
        string there = string.Join(", ", [.. folders.Take(Shown), .. folders.Length > Shown ? [$"{folders.Length - Shown} more folders"] : Array.Empty<string>(), .. kinds.Take(Shown)]);
        string? advice = files.Select(Advice).FirstOrDefault(text => text is not null)
            ?? (files.FirstOrDefault(IsJson) is { } json ? $"'{Path.GetFileName(json)}': {JsonGlance.At(json).What}" : null)
            ?? (files.Any(file => Path.GetFileName(file) == "meta.json") ? "It may be a project of Supervisely: export it as COCO." : null);
        return $"There is {(there.Length == 0 ? "nothing" : there)}. {advice}".TrimEnd();
    }

    private static bool IsJson(string file) => Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase);

    private static string? Advice(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".zip" or ".tar" or ".gz" or ".tgz" or ".rar" or ".7z" => $"'{Path.GetFileName(file)}' is an archive: unpack it.",
        ".p" or ".pkl" or ".pickle" => $"'{Path.GetFileName(file)}' is a pickle of Python, which runs code when it is read: turn it into JSON as docs/guides/data.md shows.",
        ".xml" => $"'{Path.GetFileName(file)}' is XML: of CVAT, export 'COCO 1.0' or 'Segmentation mask 1.1' instead; of VOC, it belongs into Annotations beside JPEGImages.",
        ".parquet" or ".arrow" or ".tfrecord" => $"'{Path.GetFileName(file)}' is a table of another framework: export it as COCO.",
        _ => null,
    };
}
