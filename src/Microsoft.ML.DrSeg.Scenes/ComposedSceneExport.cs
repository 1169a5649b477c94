using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Writes composed scenes to a folder, for a look or for other tools.</summary>
public static class ComposedSceneExport
{
    /// <summary>
    /// Writes the first scenes of a series in a layout. Image ids are the scenes' numbers; categories are the nouns of the
    /// assets, then the stuff of their backgrounds; every object that can be seen is an instance. Of the nouns that are not in a
    /// scene <see cref="SceneOptions.AbsentNouns"/> are noted as absent.
    /// </summary>
    /// <param name="composer">Composes the scenes.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Which series of them.</param>
    /// <param name="folder">Where to; must not exist yet, or be empty. When anything fails, it is not made.</param>
    /// <param name="layout">How to lay it out.</param>
    /// <param name="progress">Told how many scenes are written, after each.</param>
    /// <param name="cancellation">Stops between two scenes; nothing is left behind.</param>
    public static void Write(
        SceneComposer composer, SceneSplit split, int count, ulong seed, string folder, DataSetLayout layout = DataSetLayout.Coco,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var writer = DataSetWriter.Create(layout, folder, CategoriesOf(composer.Assets));
        for (int index = 0; index < count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Add(ToWrite(composer.Compose(split, seed, index), composer.Assets));
            progress?.Report(index + 1);
        }
        writer.Complete();
    }

    /// <summary>The categories of all scenes of some assets.</summary>
    internal static IReadOnlyList<WrittenCategory> CategoriesOf(SceneAssets assets) =>
        [.. assets.Nouns.Select(noun => new WrittenCategory(noun)), .. assets.Stuff.Select(stuff => new WrittenCategory(stuff, IsStuff: true))];

    /// <summary>A scene as what is written of it: the stuff of its background is all that no object covers.</summary>
    internal static WrittenImage ToWrite(ComposedScene scene, SceneAssets assets)
    {
        (int width, int height) = (scene.Image.Width, scene.Image.Height);
        WrittenObject[] objects = [.. scene.Objects.Select(seen =>
            new WrittenObject(assets.NumberOf(seen.Noun), seen.Mask, seen.IsGroup ? ObjectTraits.Group : ObjectTraits.None))];
        var covered = SegmentationMask.Union(objects.Select(seen => seen.Mask), width, height);
        SegmentationMask rest = SegmentationMask.FromBox(new(0, 0, width, height), width, height).Except(covered);
        int stuff = assets.Nouns.Count + assets.Stuff.Index().First(one => one.Item == scene.Backdrop.Stuff).Index;

        // Beginning with another noun in every scene, so that all get their turn.
        int[] absent = [.. Enumerable.Range(0, assets.Nouns.Count).Select(i => (int)((scene.Id + i) % assets.Nouns.Count))
            .Where(noun => scene.Lacks(assets.Nouns[noun]))
            .Take(assets.Options.AbsentNouns)];
        int[] unmasked = [.. Enumerable.Range(0, assets.Nouns.Count).Where(noun => scene.Backdrop.Nouns.Contains(assets.Nouns[noun]))];
        return new(scene.Id, scene.Image, objects, [new(stuff, rest)], absent) { Unmasked = unmasked };
    }
}
