using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Where data views for segmentation by query come from: <c>mlContext.DrSeg().Data</c>.</summary>
public sealed class DrSegDataCatalog
{
    private readonly IHost _host;

    /// <param name="environment">Whose log to write to: the MLContext.</param>
    internal DrSegDataCatalog(IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        _host = environment.Register("DrSegData");
    }

    /// <summary>
    /// Composed scenes, one query each, made of the pictures of two folders (see <see cref="SceneAssets.LoadFolders"/>).
    /// </summary>
    /// <param name="cutoutsFolder">Pictures with an alpha channel, one object each.</param>
    /// <param name="backgroundsFolder">Photographs.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">Rows, at least 0.</param>
    /// <param name="seed">Which series of scenes.</param>
    /// <returns>
    /// A lazy view: nothing is composed until a cursor asks for it. Columns Image (MLImage), Query (text, a noun) and Mask
    /// (<see cref="SegmentationMask"/>, of the image's size).
    /// </returns>
    public IDataView ComposedScenes(string cutoutsFolder, string backgroundsFolder, SceneSplit split, long count, ulong seed = 0) =>
        ComposedScenes(new SceneComposer(SceneAssets.LoadFolders(cutoutsFolder, backgroundsFolder)), split, count, seed);

    /// <summary>Composed scenes, one query each, of a composer: Debian's pictures, or other options.</summary>
    /// <param name="composer">Composes the scenes.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">Rows, at least 0.</param>
    /// <param name="seed">Which series of scenes.</param>
    /// <returns>As above.</returns>
    public IDataView ComposedScenes(SceneComposer composer, SceneSplit split, long count, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using (IChannel channel = _host.Start(nameof(ComposedScenes)))
            channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
                $"{count} scenes of split {split} and seed {seed}, {composer.Assets.Options.Size} pixels a side, {composer.Assets.Nouns.Count} nouns."));
        return new ComposedSceneView(composer, split, count, seed);
    }
}
