namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Which names of files and folders are of a part of a data set, as instances_val2017.json is of val2017 and, where nothing is closer, of val.</summary>
internal static class SplitName
{
    /// <summary>The names of a split: those that have it as a word, or else those that it is a part of. All, where none is asked for.</summary>
    public static string[] Choose(IEnumerable<string> names, string? split)
    {
        string[] all = [.. names];
        return split is null ? all
            : Array.FindAll(all, name => Matches(name, split)) is { Length: > 0 } words ? words
            : Array.FindAll(all, name => Path.GetFileName(name).Contains(split, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a name has the split as a word; "val" and "valid" are one.</summary>
    public static bool Matches(string name, string split) => Words(name).Any(word => Usual(word) == Usual(split.ToLowerInvariant())) || Path.GetFileName(name).Equals(split, StringComparison.OrdinalIgnoreCase);

    /// <summary>The last word of an annotation file's name, which is often its split.</summary>
    public static string Last(string file) => Path.GetFileNameWithoutExtension(file).Split('_')[^1];

    private static string[] Words(string name) => Path.GetFileNameWithoutExtension(name).ToLowerInvariant().Split('_', '-', '.', ' ');

    private static string Usual(string split) => split is "valid" or "validation" ? "val" : split;
}
