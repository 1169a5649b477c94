namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// The pictures that scenes are made of, in memory: each read once, trimmed, and shrunk to the largest size a scene can
/// need. Immutable; one instance serves any number of threads.
/// </summary>
public sealed class SceneAssets
{
    private const string RootVariable = "DRSEG_ASSETS", DefaultRoot = "artifacts/assets";

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly SceneBackground[][] _backgrounds; // by split: Train, Tune, Test
    private readonly Cutout[][] _cutouts, _unseen; // by noun

    private SceneAssets(SceneOptions options, IReadOnlyList<Cutout> cutouts, IReadOnlyList<SceneBackground> backgrounds)
    {
        Options = options;
        Nouns = SceneVocabulary.NounsOf(cutouts.Select(cutout => cutout.Entry));
        for (int noun = 0; noun < Nouns.Count; noun++)
            _numbers[Nouns[noun]] = noun;
        Stuff = [.. backgrounds.Select(background => background.Entry.Stuff).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _cutouts = [.. Nouns.Select(noun => cutouts.Where(c => c.Entry.Noun == noun && !c.Entry.Unseen).ToArray())];
        _unseen = [.. Nouns.Select(noun => cutouts.Where(c => c.Entry.Noun == noun && c.Entry.Unseen).ToArray())];
        _backgrounds = [.. new[] { SceneSplit.Train, SceneSplit.Tune, SceneSplit.Test }.Select(split => backgrounds.Where(b => b.Entry.Split == split).ToArray())];
    }

    /// <summary>How scenes are composed of these pictures; their sizes in memory follow from it.</summary>
    public SceneOptions Options { get; }

    /// <summary>Each noun once, in alphabetical order; a noun's place is its number wherever nouns are numbered.</summary>
    public IReadOnlyList<string> Nouns { get; }

    /// <summary>Each kind of stuff that backgrounds are made of once, in alphabetical order.</summary>
    public IReadOnlyList<string> Stuff { get; }

    /// <summary>The place of a noun among <see cref="Nouns"/>.</summary>
    /// <exception cref="ArgumentException">No cut-out is called so.</exception>
    public int NumberOf(string noun) => _numbers.TryGetValue(noun, out int number)
        ? number
        : throw new ArgumentException($"No cut-out is called '{noun}'; there are: {string.Join(", ", Nouns)}.", nameof(noun));

    /// <summary>Reads Debian's pictures, as the reviewed tables of the library say.</summary>
    /// <param name="assetsRoot">Where the packages are unpacked: the folder that holds usr/share.</param>
    /// <param name="options">How scenes will be composed; the defaults if null.</param>
    /// <exception cref="FileNotFoundException">A picture of the tables is missing.</exception>
    /// <exception cref="InvalidDataException">A file is no picture, or no cut-out.</exception>
    public static SceneAssets LoadDebian(string assetsRoot, SceneOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(assetsRoot);
        string share = Path.Combine(assetsRoot, "usr", "share");
        if (!Directory.Exists(share))
            throw new DirectoryNotFoundException($"There are no pictures under '{Path.GetFullPath(assetsRoot)}': it has no folder usr/share. Run ./build.sh setup, or point the variable {RootVariable} to where the packages are unpacked.");
        return Load(share, SceneTables.DebianCutouts, share, SceneTables.DebianBackgrounds, options);
    }

    /// <summary>
    /// Reads any folders of pictures. A table `cutouts.csv` (file,noun,split: train or unseen) or `backgrounds.csv`
    /// (file,split: train, tune or test,nouns visible, separated by semicolons,stuff) in the folder decides; without one, a
    /// cut-out's noun is its sub-folder or file name, so is a background's stuff, and backgrounds are divided 60 : 15 : 25.
    /// </summary>
    /// <param name="cutoutsFolder">Pictures with an alpha channel, one object each.</param>
    /// <param name="backgroundsFolder">Photographs.</param>
    /// <param name="options">How scenes will be composed; the defaults if null.</param>
    /// <exception cref="IOException">A folder or picture is missing.</exception>
    /// <exception cref="InvalidDataException">A file is no picture, or no cut-out, or a table is wrong.</exception>
    public static SceneAssets LoadFolders(string cutoutsFolder, string backgroundsFolder, SceneOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cutoutsFolder);
        ArgumentException.ThrowIfNullOrEmpty(backgroundsFolder);
        return Load(cutoutsFolder, SceneTables.CutoutsOf(cutoutsFolder), backgroundsFolder, SceneTables.BackgroundsOf(backgroundsFolder), options);
    }

    /// <summary>
    /// Where Debian's pictures are unpacked: the variable DRSEG_ASSETS if it is set, else the nearest artifacts/assets above
    /// the program or the current directory.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is none, or the variable names no folder.</exception>
    public static string FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable(RootVariable);
        if (!string.IsNullOrEmpty(named))
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"The variable {RootVariable} names '{named}', which is no folder.");
        foreach (string start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (Path.Combine(folder.FullName, DefaultRoot) is var candidate && Directory.Exists(Path.Combine(candidate, "usr", "share")))
                    return candidate;
        throw new DirectoryNotFoundException($"There is no folder {DefaultRoot} above '{AppContext.BaseDirectory}' or '{Environment.CurrentDirectory}'. Run ./build.sh setup, or point the variable {RootVariable} to where the packages are unpacked.");
    }

    /// <summary>The backgrounds of a split.</summary>
    internal ReadOnlySpan<SceneBackground> Backgrounds(SceneSplit split) =>
        _backgrounds[(int)(split == SceneSplit.UnseenCutout ? SceneSplit.Test : split)];

    /// <summary>The cut-outs of a noun: those for every split, or those kept back.</summary>
    internal ReadOnlySpan<Cutout> Cutouts(int noun, bool unseen) => (unseen ? _unseen : _cutouts)[noun];

    private static SceneAssets Load(
        string cutoutsFolder, IReadOnlyList<CutoutEntry> cutouts, string backgroundsFolder, IReadOnlyList<BackgroundEntry> backgrounds, SceneOptions? options)
    {
        options ??= new();
        options.Validate();
        int longestCutout = (int)Math.Ceiling(options.MaxObjectSide * options.Size);
        int shortestBackground = (int)Math.Ceiling(options.Size / options.MinBackgroundCrop);
        // Decoding is most of the work, and pictures are independent.
        return new(options,
            InParallel(cutouts, entry => Cutout.Load(cutoutsFolder, entry, longestCutout)),
            InParallel(backgrounds, entry => SceneBackground.Load(backgroundsFolder, entry, shortestBackground)));
    }

    private static T[] InParallel<TEntry, T>(IReadOnlyList<TEntry> entries, Func<TEntry, T> load)
    {
        var loaded = new T[entries.Count];
        try
        {
            Parallel.For(0, entries.Count, i => loaded[i] = load(entries[i]));
        }
        catch (AggregateException failures)
        {
            // One bad file is enough to report; its message names it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
        return loaded;
    }
}
