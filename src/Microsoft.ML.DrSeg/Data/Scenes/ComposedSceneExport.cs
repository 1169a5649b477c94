namespace Microsoft.ML.DrSeg.Data;

/// <summary>Writes composed scenes to a folder, for a look or for other tools.</summary>
public static class ComposedSceneExport
{
    /// <summary>
    /// Writes the first scenes of a series as PNGs with an instances.json in COCO's format. Image ids are the scenes'
    /// numbers; categories are the nouns of the assets; every object that can be seen is an instance.
    /// </summary>
    /// <param name="composer">Composes the scenes.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Which series of them.</param>
    /// <param name="folder">Where to; must not exist yet, or be empty. When anything fails, it is not made.</param>
    /// <param name="progress">Told how many scenes are written, after each.</param>
    /// <param name="cancellation">Stops between two scenes; nothing is left behind.</param>
    public static void Write(
        SceneComposer composer, SceneSplit split, int count, ulong seed, string folder, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var nouns = composer.Assets.Nouns;
        using var writer = new CocoInstancesWriter(folder, nouns);
        for (int index = 0; index < count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            ComposedScene scene = composer.Compose(split, seed, index);
            writer.Add(index, scene.Image, scene.Objects.Select(seen => (composer.Assets.NumberOf(seen.Noun), seen.Mask)));
            progress?.Report(index + 1);
        }
        writer.Complete();
    }
}
