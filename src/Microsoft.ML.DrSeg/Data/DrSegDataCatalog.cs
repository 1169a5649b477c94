using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Where data views for segmentation by query come from: <c>mlContext.DrSeg().Data</c>.</summary>
/// <remarks>
/// <para>Every view is lazy: annotations are indexed when the first cursor moves, and images decoded when the column Image
/// is read. One row is one query of one image, in these columns:</para>
/// <list type="table">
/// <item><term>ImageId, ImagePath</term><description>Text.</description></item>
/// <item><term>Image</term><description><see cref="MLImage"/>, read from ImagePath.</description></item>
/// <item><term>Query</term><description>Text: a category's name or a sentence.</description></item>
/// <item><term>Mask</term><description><see cref="SegmentationMask"/> of all objects together.</description></item>
/// <item><term>Masks</term><description><see cref="SegmentationMaskList"/>, one an object; null where only the box is known.</description></item>
/// <item><term>Boxes</term><description>Vector of Single: x0, y0, x1, y1 of every object, in pixels.</description></item>
/// <item><term>ObjectIds, Areas, ObjectTraits</term><description>Vectors of text, Double and Int32 (<see cref="Data.ObjectTraits"/>), one an object.</description></item>
/// <item><term>Category, CategoryId</term><description>Text.</description></item>
/// <item><term>Traits</term><description>Int32: <see cref="QueryTraits"/>.</description></item>
/// </list>
/// </remarks>
public sealed class DrSegDataCatalog
{
    private readonly IHost _host;

    /// <param name="environment">Whose log to write to: the MLContext.</param>
    internal DrSegDataCatalog(IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        _host = environment.Register("DrSegData");
    }

    /// <summary>A data set of any layout, which is recognised by its files.</summary>
    /// <param name="path">A folder, or an annotation file.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <param name="layout">Which layout is meant, where the folder holds several.</param>
    /// <exception cref="IOException">There is nothing there, or no layout or several were recognised.</exception>
    public IDataView Load(string path, DataSetOptions? options = null, DataSetLayout? layout = null) => View(DataSetFinder.Open(path, options, layout));

    /// <summary>Instances of COCO, in its JSON format: things as polygons or run lengths.</summary>
    /// <inheritdoc cref="CocoInstances(string, string, DataSetOptions?, bool)"/>
    public IDataView LoadCocoInstances(string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoInstances(annotationFile, imageFolder, options));

    /// <summary>Instances of LVIS: COCO's format with verified absent and not exhaustively annotated categories.</summary>
    /// <inheritdoc cref="CocoInstances(string, string, DataSetOptions?, bool)"/>
    public IDataView LoadLvis(string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoInstances(annotationFile, imageFolder, options, lvis: true));

    /// <summary>COCO's panoptic segments: things and stuff, as colours of a PNG and a JSON file that names them.</summary>
    /// <inheritdoc cref="CocoPanoptic(string, string, string, DataSetOptions?)"/>
    public IDataView LoadCocoPanoptic(string annotationFile, string segmentFolder, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoPanoptic(annotationFile, segmentFolder, imageFolder, options));

    /// <summary>Label maps of COCO-Stuff, one PNG an image.</summary>
    /// <inheritdoc cref="CocoStuff(string, string, string, CocoStuffEncoding, IReadOnlyCollection{int}?, DataSetOptions?)"/>
    public IDataView LoadCocoStuff(
        string mapFolder, string imageFolder, string namesFile, CocoStuffEncoding encoding, IReadOnlyCollection<int>? ignoredLabels = null, DataSetOptions? options = null) =>
        View(new CocoStuff(mapFolder, imageFolder, namesFile, encoding, ignoredLabels, options));

    /// <summary>OpenImages V7: masks, boxes and image labels in CSV files.</summary>
    /// <inheritdoc cref="OpenImages(string, DataSetOptions?)"/>
    public IDataView LoadOpenImages(string folder, DataSetOptions? options = null) => View(new OpenImages(folder, options));

    /// <summary>Referring expressions about COCO's objects: RefCOCO, RefCOCO+, RefCOCOg and gRefCOCO.</summary>
    /// <inheritdoc cref="RefCoco(string, string, string, DataSetOptions?)"/>
    public IDataView LoadRefCoco(string sentenceFile, string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new RefCoco(sentenceFile, annotationFile, imageFolder, options));

    /// <summary>ReasonSeg: sentences that have to be thought about, with polygons, one JSON file an image.</summary>
    /// <inheritdoc cref="ReasonSeg(string, DataSetOptions?)"/>
    public IDataView LoadReasonSeg(string folder, DataSetOptions? options = null) => View(new ReasonSeg(folder, options));

    /// <summary>A folder of images and a folder of masks of the same names.</summary>
    /// <inheritdoc cref="ImageMaskFolder(string, string, string, DataSetOptions?)"/>
    public IDataView LoadImageMaskFolder(string imageFolder, string maskFolder, string query = "object", DataSetOptions? options = null) =>
        View(new ImageMaskFolder(imageFolder, maskFolder, query, options));

    /// <summary>
    /// Composed scenes, one query each, made of the pictures of two folders (see <see cref="SceneAssets.LoadFolders"/>).
    /// </summary>
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
        int size = composer.Assets.Options.Size;
        // A scene is composed when the first of a row's values is read, and anew in every pass.
        return new EnumeratedView<Lazy<SceneQuery>>(Queries(new SceneQueries(composer, split, seed), count), count,
            EnumeratedColumn<Lazy<SceneQuery>>.OfImage("Image", new ImageDataViewType(size, size), row => row.Value.Scene.Image.ToMLImage()),
            EnumeratedColumn<Lazy<SceneQuery>>.Of("Query", TextDataViewType.Instance, row => row.Value.Text.AsMemory()),
            EnumeratedColumn<Lazy<SceneQuery>>.Of("Mask", SegmentationMaskDataViewType.Instance, row => row.Value.Mask),
            EnumeratedColumn<Lazy<SceneQuery>>.Of("Masks", SegmentationMaskListDataViewType.Instance, row => new SegmentationMaskList(row.Value.Objects)));
    }

    private static IEnumerable<Lazy<SceneQuery>> Queries(SceneQueries queries, long count)
    {
        for (long i = 0; i < count; i++)
        {
            long index = i;
            yield return new(() => queries[index], isThreadSafe: false);
        }
    }

    private EnumeratedView<AnnotatedQuery> View(SegmentationDataSet data)
    {
        using (IChannel channel = _host.Start("Load"))
            channel.Info(MessageSensitivity.None, $"Layout {data.Layout}.");
        return new(data.Read(), null,
            EnumeratedColumn<AnnotatedQuery>.Of("ImageId", TextDataViewType.Instance, row => row.ImageId.AsMemory()),
            EnumeratedColumn<AnnotatedQuery>.Of("ImagePath", TextDataViewType.Instance, row => row.ImagePath.AsMemory()),
            EnumeratedColumn<AnnotatedQuery>.OfImage("Image", new ImageDataViewType(), row => ImageFile.Open(row.ImagePath)),
            EnumeratedColumn<AnnotatedQuery>.Of("Query", TextDataViewType.Instance, row => row.Query.AsMemory()),
            EnumeratedColumn<AnnotatedQuery>.Of("Mask", SegmentationMaskDataViewType.Instance, row => row.Mask),
            EnumeratedColumn<AnnotatedQuery>.Of("Masks", SegmentationMaskListDataViewType.Instance, row => new SegmentationMaskList(row.Objects.Select(seen => seen.Mask))),
            EnumeratedColumn<AnnotatedQuery>.OfVector<float>("Boxes", NumberDataViewType.Single, row => [.. row.Objects.SelectMany(seen => Sides(seen.Box))]),
            EnumeratedColumn<AnnotatedQuery>.OfVector<ReadOnlyMemory<char>>("ObjectIds", TextDataViewType.Instance, row => [.. row.Objects.Select(seen => seen.Id.AsMemory())]),
            EnumeratedColumn<AnnotatedQuery>.OfVector<double>("Areas", NumberDataViewType.Double, row => [.. row.Objects.Select(seen => seen.Area)]),
            EnumeratedColumn<AnnotatedQuery>.OfVector<int>("ObjectTraits", NumberDataViewType.Int32, row => [.. row.Objects.Select(seen => (int)seen.Traits)]),
            EnumeratedColumn<AnnotatedQuery>.Of("Category", TextDataViewType.Instance, row => row.Category.Name.AsMemory()),
            EnumeratedColumn<AnnotatedQuery>.Of("CategoryId", TextDataViewType.Instance, row => row.Category.Id.AsMemory()),
            EnumeratedColumn<AnnotatedQuery>.Of("Traits", NumberDataViewType.Int32, row => (int)row.Traits));
    }

    private static float[] Sides(BoundingBox box) => [box.X0, box.Y0, box.X1, box.Y1];
}
