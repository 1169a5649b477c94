namespace Microsoft.ML.DrSeg.Data;

/// <summary>
/// Composes scenes: cut-outs pasted on photographs, so that every mask is exact and every object has a name
/// (Dwibedi, Misra and Hebert 2017, "Cut, Paste and Learn").
/// </summary>
/// <remarks>
/// A scene depends on options, assets, split, seed and index alone: not on the order of calls, nor on threads or platform.
/// One instance serves any number of threads.
/// </remarks>
public sealed class SceneComposer
{
    // Keeps the generators of scenes apart from those of everything else that is keyed by a seed.
    private const ulong Domain = 0x5CE9E;

    // A scene without an object to ask about is composed anew; with sane options one in thousands needs a second attempt.
    private const int Attempts = 100;

    private readonly SceneAssets _assets;

    /// <summary>A composer of scenes of the given pictures, as their options say.</summary>
    public SceneComposer(SceneAssets assets)
    {
        ArgumentNullException.ThrowIfNull(assets);
        _assets = assets;
    }

    /// <summary>The pictures that scenes are made of.</summary>
    public SceneAssets Assets => _assets;

    /// <summary>Composes one scene; it has at least one object that can be asked about.</summary>
    /// <param name="split">Whose backgrounds and cut-outs to use.</param>
    /// <param name="seed">Which series of scenes.</param>
    /// <param name="index">Which scene of the series, from 0.</param>
    /// <exception cref="InvalidOperationException">The pictures do not suffice for the split; the message says what is missing.</exception>
    public ComposedScene Compose(SceneSplit split, ulong seed, long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (!Enum.IsDefined(split))
            throw new ArgumentOutOfRangeException(nameof(split), split, "No such split.");
        if (_assets.Backgrounds(split).IsEmpty)
            throw new InvalidOperationException($"There is no background for the split {split}: give at least one file that split in {SceneTables.BackgroundsFile}.");
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var random = DeterministicRandom.Create(Domain, (ulong)split, seed, (ulong)index, (ulong)attempt);
            if (TryCompose(split, index, ref random) is { } scene)
                return scene;
        }
        throw new InvalidOperationException($"In {Attempts} attempts at scene {index} of split {split} no object could be seen well enough to ask about it. Let objects be larger ({nameof(SceneOptions.MinObjectSide)}) or fewer ({nameof(SceneOptions.MaxObjects)}), or check the cut-outs.");
    }

    private ComposedScene? TryCompose(SceneSplit split, long index, ref DeterministicRandom random)
    {
        SceneOptions options = _assets.Options;
        int size = options.Size, longestLine = Math.Max(1, (int)Math.Round(options.MaxObjectSide * size));
        var backgrounds = _assets.Backgrounds(split);
        SceneBackground background = backgrounds[random.NextInt(backgrounds.Length)];
        List<Cutout> cutouts = Choose(split, background, ref random, out int unseen);

        using var canvas = new SceneCanvas(size, longestLine);
        int side = Math.Min(background.Image.Width, background.Image.Height);
        float crop = (float)(side * random.NextDouble(options.MinBackgroundCrop, 1));
        float left = (float)random.NextDouble(0, background.Image.Width - crop), top = (float)random.NextDouble(0, background.Image.Height - crop);
        canvas.Fill(background.Image, new(left, top, left + crop, top + crop), random.NextInt(2) == 1, ColourChange.Draw(ref random, options));

        Span<int> areas = stackalloc int[cutouts.Count];
        for (int i = 0; i < cutouts.Count; i++)
            areas[i] = Paste(canvas, cutouts[i], (byte)(i + 1), ref random);

        var objects = new SceneObject[cutouts.Count];
        bool any = false;
        for (int i = 0; i < objects.Length; i++)
        {
            SegmentationMask mask = canvas.MaskOf((byte)(i + 1));
            double visible = areas[i] == 0 ? 0 : (double)mask.Area / areas[i];
            bool queryable = mask.Area > 0 && visible >= options.MinVisibleFraction && mask.Area >= options.MinVisibleArea * size * size
                && (split != SceneSplit.UnseenCutout || i == unseen);
            any |= queryable;
            objects[i] = new(cutouts[i].Entry.Noun, cutouts[i].Entry.File, mask, visible, queryable);
        }
        return any ? new(canvas.ToImage(), objects, index) : null;
    }

    // Cut-outs with distinct nouns, none of them visible in the background, in the order of painting. `unseen` is the
    // place of the one that is kept back from the other splits, -1 where none is wanted.
    private List<Cutout> Choose(SceneSplit split, SceneBackground background, ref DeterministicRandom random, out int unseen)
    {
        var options = _assets.Options;
        int count = options.MinObjects + random.NextInt(options.MaxObjects - options.MinObjects + 1);
        unseen = -1;
        var chosen = new List<Cutout>(count);
        var nouns = new List<int>();
        for (int noun = 0; noun < _assets.Nouns.Count; noun++)
            if (!background.Entry.Nouns.Contains(_assets.Nouns[noun]))
                nouns.Add(noun);
        if (split == SceneSplit.UnseenCutout)
        {
            int[] kept = [.. nouns.Where(noun => !_assets.Cutouts(noun, unseen: true).IsEmpty)];
            if (kept.Length == 0)
                throw new InvalidOperationException($"No cut-out is kept for the split {split} on the background '{background.Entry.File}': give at least one file of a noun not visible there the split 'unseen' in {SceneTables.CutoutsFile}.");
            int noun = kept[random.NextInt(kept.Length)];
            nouns.Remove(noun);
            chosen.Add(Pick(_assets.Cutouts(noun, unseen: true), ref random));
        }
        nouns.RemoveAll(noun => _assets.Cutouts(noun, unseen: false).IsEmpty);
        if (chosen.Count == 0 && nouns.Count == 0)
            throw new InvalidOperationException($"No cut-out can be pasted on the background '{background.Entry.File}': every noun is visible in it. Add cut-outs of other nouns.");
        while (chosen.Count < count && nouns.Count > 0)
        {
            int place = random.NextInt(nouns.Count);
            chosen.Add(Pick(_assets.Cutouts(nouns[place], unseen: false), ref random));
            nouns.RemoveAt(place);
        }
        if (split == SceneSplit.UnseenCutout)
        {
            unseen = random.NextInt(chosen.Count);
            (chosen[0], chosen[unseen]) = (chosen[unseen], chosen[0]);
        }
        return chosen;
    }

    private static Cutout Pick(ReadOnlySpan<Cutout> cutouts, ref DeterministicRandom random) => cutouts[random.NextInt(cutouts.Length)];

    private int Paste(SceneCanvas canvas, Cutout cutout, byte owner, ref DeterministicRandom random)
    {
        SceneOptions options = _assets.Options;
        double longer = options.Size * random.NextDouble(options.MinObjectSide, options.MaxObjectSide);
        longer = Math.Min(longer, options.MaxEnlargement * cutout.LongerSide);
        double scale = longer / Math.Max(cutout.Width, cutout.Height);
        int width = Math.Max(1, (int)Math.Round(cutout.Width * scale)), height = Math.Max(1, (int)Math.Round(cutout.Height * scale));
        int left = Place(width, ref random), top = Place(height, ref random);
        return canvas.Paint(cutout, left, top, width, height, random.NextInt(2) == 1, ColourChange.Draw(ref random, options), owner);
    }

    private int Place(int length, ref DeterministicRandom random)
    {
        double beyond = _assets.Options.MaxBeyondBorder * length;
        return (int)Math.Floor(random.NextDouble(-beyond, _assets.Options.Size - length + beyond));
    }
}
