namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A row of a table of cut-outs.</summary>
/// <param name="File">Relative to the folder of cut-outs.</param>
/// <param name="Noun">What a person would call it.</param>
/// <param name="Unseen">Whether it is kept for <see cref="SceneSplit.UnseenCutout"/>.</param>
internal sealed record CutoutEntry(string File, string Noun, bool Unseen);

/// <summary>A row of a table of backgrounds.</summary>
/// <param name="File">Relative to the folder of backgrounds.</param>
/// <param name="Split">Train, Tune or Test.</param>
/// <param name="Nouns">What is to be seen in it: never asked about on it, and never pasted onto it.</param>
/// <param name="Stuff">What most of it is: the class of all pixels that no object covers.</param>
internal sealed record BackgroundEntry(string File, SceneSplit Split, IReadOnlyList<string> Nouns, string Stuff);

/// <summary>
/// Which pictures become scenes. The library carries reviewed tables for Debian's pictures; a folder can bring its own
/// `cutouts.csv` and `backgrounds.csv`; without them, folder and file names decide.
/// </summary>
internal static class SceneTables
{
    public const string CutoutsFile = "cutouts.csv", BackgroundsFile = "backgrounds.csv";
    private static readonly string[] PictureExtensions = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>The table of cut-outs that the library carries; files are relative to Debian's /usr/share.</summary>
    public static IReadOnlyList<CutoutEntry> DebianCutouts { get; } = ReadCutouts(OpenResource(CutoutsFile), CutoutsFile);

    /// <summary>The table of backgrounds that the library carries; files are relative to Debian's /usr/share.</summary>
    public static IReadOnlyList<BackgroundEntry> DebianBackgrounds { get; } = ReadBackgrounds(OpenResource(BackgroundsFile), BackgroundsFile);

    /// <summary>The table in a folder of cut-outs, or one made of its sub-folders and files.</summary>
    /// <remarks>
    /// Without a table the sub-folder's name is the noun, and for pictures in no sub-folder the file's own name without a
    /// number at its end. The last file of a noun with several is kept for <see cref="SceneSplit.UnseenCutout"/>.
    /// </remarks>
    public static IReadOnlyList<CutoutEntry> CutoutsOf(string folder)
    {
        string table = Path.Combine(folder, CutoutsFile);
        if (File.Exists(table))
            return ReadCutouts(File.OpenRead(table), table);
        return [.. PicturesIn(folder)
            .GroupBy(NounOf, StringComparer.Ordinal)
            .SelectMany(files => files.Select((file, i) => new CutoutEntry(file, files.Key, i > 0 && i == files.Count() - 1)))];
    }

    /// <summary>The table in a folder of backgrounds, or one made of its files.</summary>
    /// <remarks>
    /// Without a table the first quarter of the files, in the order of their names, is for testing, the next 15 % for tuning
    /// and the rest for training; nothing is known to be visible in them.
    /// </remarks>
    public static IReadOnlyList<BackgroundEntry> BackgroundsOf(string folder)
    {
        string table = Path.Combine(folder, BackgroundsFile);
        if (File.Exists(table))
            return ReadBackgrounds(File.OpenRead(table), table);
        string[] files = PicturesIn(folder);
        if (files.Length < 3)
            throw new InvalidDataException($"The folder '{folder}' has {files.Length} backgrounds; at least 3 are needed, one each for training, tuning and testing.");
        int tune = Math.Max(1, files.Length * 3 / 20), test = Math.Max(1, files.Length / 4);
        return [.. files.Select((file, i) => new BackgroundEntry(file,
            i < test ? SceneSplit.Test : i < test + tune ? SceneSplit.Tune : SceneSplit.Train, [], NounOf(file)))];
    }

    private static IReadOnlyList<CutoutEntry> ReadCutouts(Stream table, string name) =>
        CsvTable.Read(table, name, "file,noun,split", fields => new CutoutEntry(fields[0],
            fields[1].Length > 0 ? fields[1] : throw new FormatException("the noun is missing."),
            fields[2] switch
            {
                "train" => false,
                "unseen" => true,
                _ => throw new FormatException($"the split of a cut-out is 'train' or 'unseen', not '{fields[2]}'."),
            }));

    private static IReadOnlyList<BackgroundEntry> ReadBackgrounds(Stream table, string name) =>
        CsvTable.Read(table, name, "file,split,nouns,stuff", fields => new BackgroundEntry(fields[0],
            fields[1] switch
            {
                "train" => SceneSplit.Train,
                "tune" => SceneSplit.Tune,
                "test" => SceneSplit.Test,
                _ => throw new FormatException($"the split of a background is 'train', 'tune' or 'test', not '{fields[1]}'."),
            },
            fields[2].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            fields[3].Length > 0 ? fields[3] : throw new FormatException("the stuff is missing.")));

    // Relative names with forward slashes, in an order that does not depend on the machine.
    private static string[] PicturesIn(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}' (looked for at '{Path.GetFullPath(folder)}').");
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => PictureExtensions.Contains(Path.GetExtension(file).ToLowerInvariant()))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new InvalidDataException($"The folder '{folder}' holds no pictures (.png, .jpg, .webp).");
    }

    private static string NounOf(string file)
    {
        string[] parts = file.Split('/');
        string name = parts.Length > 1 ? parts[^2] : Path.GetFileNameWithoutExtension(file).TrimEnd([.. "0123456789-_. "]);
        return (name.Length > 0 ? name : Path.GetFileNameWithoutExtension(file)).Replace('_', ' ').Replace('-', ' ').ToLowerInvariant();
    }

    private static Stream OpenResource(string name) =>
        typeof(SceneTables).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The library was built without its table '{name}'.");
}
