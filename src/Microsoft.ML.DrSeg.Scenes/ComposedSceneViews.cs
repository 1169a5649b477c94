using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Composed scenes as rows: <c>mlContext.DrSeg().Data.ComposedScenes(...)</c>.</summary>
public static class ComposedSceneViews
{
    /// <summary>
    /// Composed scenes, one query each, made of the pictures of two folders (see <see cref="SceneAssets.LoadFolders"/>).
    /// </summary>
    /// <param name="catalog"><c>mlContext.DrSeg().Data</c>.</param>
    /// <param name="cutoutsFolder">Pictures with an alpha channel, one object each.</param>
    /// <param name="backgroundsFolder">Photographs.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">Rows, at least 0.</param>
    /// <param name="seed">Which series of scenes.</param>
    /// <returns>
    /// A lazy view: nothing is composed until a cursor asks for it. Columns Image (MLImage), Query (text, a noun), Mask
    /// (<see cref="SegmentationMask"/>, of the image's size) and Masks (<see cref="SegmentationMaskList"/>, one an object).
    /// Mask and Masks are empty where the scene lacks the noun.
    /// </returns>
    public static IDataView ComposedScenes(this DrSegDataCatalog catalog, string cutoutsFolder, string backgroundsFolder, SceneSplit split, long count, ulong seed = 0) =>
        catalog.ComposedScenes(new SceneComposer(SceneAssets.LoadFolders(cutoutsFolder, backgroundsFolder)), split, count, seed);

    /// <summary>Composed scenes, one query each, of a composer: Debian's pictures, or other options.</summary>
    /// <param name="catalog"><c>mlContext.DrSeg().Data</c>.</param>
    /// <param name="composer">Composes the scenes.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">Rows, at least 0.</param>
    /// <param name="seed">Which series of scenes.</param>
    /// <returns>As above.</returns>
    public static IDataView ComposedScenes(this DrSegDataCatalog catalog, SceneComposer composer, SceneSplit split, long count, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using (IChannel channel = catalog.Host.Start(nameof(ComposedScenes)))
            channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
                $"{count} scenes of split {split} and seed {seed}, {composer.Assets.Options.Size} pixels a side, {composer.Assets.Nouns.Count} nouns."));
        int size = composer.Assets.Options.Size;
        // A scene is composed when the first of a row's values is read, and anew in every pass.
        return new EnumeratedView<Lazy<SceneQuery>>(Queries(new SceneQueries(composer, split, seed), count), count,
            RowColumn<Lazy<SceneQuery>>.OfImage("Image", new ImageDataViewType(size, size), row => row.Value.Scene.Image.ToMLImage()),
            RowColumn<Lazy<SceneQuery>>.Of("Query", TextDataViewType.Instance, row => row.Value.Text.AsMemory()),
            RowColumn<Lazy<SceneQuery>>.Of("Mask", SegmentationMaskDataViewType.Instance, row => row.Value.Mask),
            RowColumn<Lazy<SceneQuery>>.Of("Masks", SegmentationMaskListDataViewType.Instance, row => new SegmentationMaskList(row.Value.Objects)));
    }

    private static IEnumerable<Lazy<SceneQuery>> Queries(SceneQueries queries, long count)
    {
        for (long i = 0; i < count; i++)
        {
            long index = i;
            yield return new(() => queries[index], isThreadSafe: false);
        }
    }
}
