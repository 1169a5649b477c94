using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

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
        List<Pasted> pasted = Choose(split, background, ref random, out int unseen);

        using var canvas = new SceneCanvas(size, longestLine);
        int side = Math.Min(background.Image.Width, background.Image.Height);
        float crop = (float)(side * random.NextDouble(options.MinBackgroundCrop, 1));
        float left = (float)random.NextDouble(0, background.Image.Width - crop), top = (float)random.NextDouble(0, background.Image.Height - crop);
        canvas.Fill(background.Image, new(left, top, left + crop, top + crop), random.NextInt(2) == 1, ColourChange.Draw(ref random, options));

        Span<int> areas = stackalloc int[pasted.Count];
        for (int i = 0; i < pasted.Count; i++)
            areas[i] = pasted[i].IsGroup
                ? PasteGroup(canvas, pasted[i].Cutout, (byte)(i + 1), ref random)
                : Paste(canvas, pasted[i].Cutout, (byte)(i + 1), ref random);

        var objects = new SceneObject[pasted.Count];
        bool any = false;
        for (int i = 0; i < objects.Length; i++)
        {
            SegmentationMask mask = canvas.MaskOf((byte)(i + 1));
            double visible = areas[i] == 0 ? 0 : (double)mask.Area / areas[i];
            bool queryable = mask.Area > 0 && visible >= options.MinVisibleFraction && mask.Area >= options.MinVisibleArea * size * size
                && (split != SceneSplit.UnseenCutout || i == unseen);
            any |= queryable;
            CutoutEntry entry = pasted[i].Cutout.Entry;
            objects[i] = new(entry.Noun, entry.File, mask, visible, queryable, pasted[i].IsGroup);
        }
        return any ? new(canvas.ToImage(), objects, index, new(background.Entry.Stuff, background.Entry.Nouns)) : null;
    }

    /// <summary>A cut-out that is to be pasted, once or as a heap.</summary>
    private readonly record struct Pasted(Cutout Cutout, bool IsGroup);

    // Cut-outs, none of them of a noun visible in the background, in the order of painting. `unseen` is the
    // place of the one that is kept back from the other splits, -1 where none is wanted.
    private List<Pasted> Choose(SceneSplit split, SceneBackground background, ref DeterministicRandom random, out int unseen)
    {
        var options = _assets.Options;
        int count = options.MinObjects + random.NextInt(options.MaxObjects - options.MinObjects + 1);
        unseen = -1;
        var chosen = new List<Pasted>(count);
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
            chosen.Add(new(Pick(_assets.Cutouts(noun, unseen: true), ref random), IsGroup: false));
        }
        nouns.RemoveAll(noun => _assets.Cutouts(noun, unseen: false).IsEmpty);
        if (chosen.Count == 0 && nouns.Count == 0)
            throw new InvalidOperationException($"No cut-out can be pasted on the background '{background.Entry.File}': every noun is visible in it. Add cut-outs of other nouns.");
        for (int nounsLeft = count - chosen.Count; nounsLeft > 0 && nouns.Count > 0; nounsLeft--)
        {
            int place = options.NounSkew > 0 ? DrawSkewed(nouns, ref random) : random.NextInt(nouns.Count);
            AddInstances(nouns[place], chosen, ref random);
            nouns.RemoveAt(place);
        }
        if (split == SceneSplit.UnseenCutout)
        {
            unseen = random.NextInt(chosen.Count);
            (chosen[0], chosen[unseen]) = (chosen[unseen], chosen[0]);
        }
        return chosen;
    }

    // One of the nouns by Zipf's law; a noun's rank is its place in the vocabulary.
    private int DrawSkewed(List<int> nouns, ref DeterministicRandom random)
    {
        double skew = _assets.Options.NounSkew, left = random.NextDouble(0, nouns.Sum(noun => Math.Pow(noun + 1, -skew)));
        int place = 0;
        while (place < nouns.Count - 1 && (left -= Math.Pow(nouns[place] + 1, -skew)) > 0)
            place++;
        return place;
    }

    // Options that are off draw nothing, so that scenes stay what they were without them.
    private void AddInstances(int noun, List<Pasted> chosen, ref DeterministicRandom random)
    {
        SceneOptions options = _assets.Options;
        bool group = options.GroupShare > 0 && random.NextDouble(0, 1) < options.GroupShare;
        int instances = !group && options.MaxInstances > 1 ? 1 + random.NextInt(options.MaxInstances) : 1;
        for (int i = 0; i < instances; i++)
            chosen.Add(new(Pick(_assets.Cutouts(noun, unseen: false), ref random), group));
    }

    private static Cutout Pick(ReadOnlySpan<Cutout> cutouts, ref DeterministicRandom random) => cutouts[random.NextInt(cutouts.Length)];

    private int Paste(SceneCanvas canvas, Cutout cutout, byte owner, ref DeterministicRandom random)
    {
        SceneOptions options = _assets.Options;
        double longer = options.Size * random.NextDouble(options.MinObjectSide, options.MaxObjectSide);
        (int width, int height) = SizeAt(cutout, longer);
        int left = Place(width, ref random), top = Place(height, ref random);
        return canvas.Paint(cutout, left, top, width, height, random.NextInt(2) == 1, ColourChange.Draw(ref random, options), owner);
    }

    // Five or more small ones that touch, which OpenImages calls a group. Together they take up about as much as one object.
    private int PasteGroup(SceneCanvas canvas, Cutout cutout, byte owner, ref DeterministicRandom random)
    {
        SceneOptions options = _assets.Options;
        double longer = options.Size * random.NextDouble(options.MinObjectSide, options.MaxObjectSide);
        (int width, int height) = SizeAt(cutout, longer / 2);
        int count = 5 + random.NextInt(4), left = Place(2 * width, ref random), top = Place(2 * height, ref random), area = 0;
        for (int i = 0; i < count; i++)
            area += canvas.Paint(cutout, left + random.NextInt(width + 1), top + random.NextInt(height + 1), width, height,
                random.NextInt(2) == 1, ColourChange.Draw(ref random, options), owner);
        return area;
    }

    private (int Width, int Height) SizeAt(Cutout cutout, double longer)
    {
        double scale = Math.Min(longer, _assets.Options.MaxEnlargement * cutout.LongerSide) / Math.Max(cutout.Width, cutout.Height);
        return (Math.Max(1, (int)Math.Round(cutout.Width * scale)), Math.Max(1, (int)Math.Round(cutout.Height * scale)));
    }

    private int Place(int length, ref DeterministicRandom random)
    {
        double beyond = _assets.Options.MaxBeyondBorder * length;
        return (int)Math.Floor(random.NextDouble(-beyond, _assets.Options.Size - length + beyond));
    }
}
