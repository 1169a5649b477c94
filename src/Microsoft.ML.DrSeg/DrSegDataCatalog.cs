using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg;

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
/// <item><term>ObjectIds, Areas, ObjectTraits</term><description>Vectors of text, Double and Int32 (<see cref="Datasets.ObjectTraits"/>), one an object.</description></item>
/// <item><term>Category, CategoryId</term><description>Text.</description></item>
/// <item><term>Traits</term><description>Int32: <see cref="QueryTraits"/>.</description></item>
/// </list>
/// </remarks>
public sealed class DrSegDataCatalog
{
    internal DrSegDataCatalog(IHostEnvironment environment) => Host = environment.Register("DrSegData");

    internal IHost Host { get; }

    /// <summary>A data set of any layout, which is recognised by its files.</summary>
    /// <param name="path">A folder, or an annotation file.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <param name="layout">Which layout is meant, where the folder holds several.</param>
    /// <exception cref="IOException">There is nothing there, or no layout or several were recognised.</exception>
    public IDataView Load(string path, DataSetOptions? options = null, DataSetLayout? layout = null) => View(DataSetFinder.Open(path, options, layout));

    /// <summary>Instances of COCO, in its JSON format: things as polygons or run lengths.</summary>
    /// <param name="annotationFile">The JSON file.</param>
    /// <param name="imageFolder">What its file names are relative to.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public IDataView LoadCocoInstances(string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoInstances(annotationFile, imageFolder, options));

    /// <summary>Instances of LVIS: COCO's format with verified absent and not exhaustively annotated categories.</summary>
    /// <param name="annotationFile">The JSON file.</param>
    /// <param name="imageFolder">What its file names are relative to.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public IDataView LoadLvis(string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoInstances(annotationFile, imageFolder, options, lvis: true));

    /// <summary>COCO's panoptic segments: things and stuff, as colours of a PNG and a JSON file that names them.</summary>
    /// <param name="annotationFile">The JSON file.</param>
    /// <param name="segmentFolder">The folder of its PNGs.</param>
    /// <param name="imageFolder">What the file names of images are relative to.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public IDataView LoadCocoPanoptic(string annotationFile, string segmentFolder, string imageFolder, DataSetOptions? options = null) =>
        View(new CocoPanoptic(annotationFile, segmentFolder, imageFolder, options));

    /// <summary>Label maps of COCO-Stuff, one PNG an image.</summary>
    /// <param name="mapFolder">The folder of PNGs; sub-folders are not looked into.</param>
    /// <param name="imageFolder">The images, of the same names: JPEG, PNG, WebP, BMP or GIF, extensions in any case.</param>
    /// <param name="namesFile">Names of the categories: lines <c>id: name</c>, as COCO-Stuff's labels.txt, or one JSON object of ids and names.</param>
    /// <param name="encoding">What pixels mean.</param>
    /// <param name="ignoredLabels">Pixel values that stand for no category; null for those of the encoding.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="IOException">A folder or file is missing.</exception>
    /// <exception cref="InvalidDataException">The names cannot be read.</exception>
    public IDataView LoadCocoStuff(
        string mapFolder, string imageFolder, string namesFile, CocoStuffEncoding encoding, IReadOnlyCollection<int>? ignoredLabels = null, DataSetOptions? options = null) =>
        View(new CocoStuff(mapFolder, imageFolder, namesFile, encoding, ignoredLabels, options));

    /// <summary>OpenImages V7: masks, boxes and image labels in CSV files.</summary>
    /// <param name="folder">The folder of the tables; docs/guides/data.md shows what else is in it.</param>
    /// <param name="options">Which rows are wanted; the split chooses among files that begin with its name.</param>
    /// <exception cref="IOException">The folder or a file is missing, or several files could be meant.</exception>
    /// <exception cref="InvalidDataException">The class descriptions cannot be read.</exception>
    public IDataView LoadOpenImages(string folder, DataSetOptions? options = null) => View(new OpenImages(folder, options));

    /// <summary>Referring expressions about COCO's objects: RefCOCO, RefCOCO+, RefCOCOg and gRefCOCO.</summary>
    /// <param name="sentenceFile">The JSON array of sentences.</param>
    /// <param name="annotationFile">The instances, in COCO's format.</param>
    /// <param name="imageFolder">What file names of images are relative to.</param>
    /// <param name="options">Which rows are wanted; the split is that of the sentences.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public IDataView LoadRefCoco(string sentenceFile, string annotationFile, string imageFolder, DataSetOptions? options = null) =>
        View(new RefCoco(sentenceFile, annotationFile, imageFolder, options));

    /// <summary>ReasonSeg: sentences that have to be thought about, with polygons, one JSON file an image.</summary>
    /// <param name="folder">Images and JSON files side by side.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public IDataView LoadReasonSeg(string folder, DataSetOptions? options = null) => View(new ReasonSeg(folder, options));

    /// <summary>A folder of images and a folder of masks of the same names.</summary>
    /// <param name="imageFolder">The images.</param>
    /// <param name="maskFolder">The masks, or a sub-folder of them for every query.</param>
    /// <param name="query">What masks outside of sub-folders show.</param>
    /// <param name="options">Which rows are wanted.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    public IDataView LoadImageMaskFolder(string imageFolder, string maskFolder, string query = "object", DataSetOptions? options = null) =>
        View(new ImageMaskFolder(imageFolder, maskFolder, query, options));

    private EnumeratedView<AnnotatedQuery> View(SegmentationDataSet data)
    {
        using (IChannel channel = Host.Start("Load"))
            channel.Info(MessageSensitivity.None, $"Layout {data.Layout}.");
        return new(data.Read(), null,
            RowColumn<AnnotatedQuery>.Of("ImageId", TextDataViewType.Instance, row => row.ImageId.AsMemory()),
            RowColumn<AnnotatedQuery>.Of("ImagePath", TextDataViewType.Instance, row => row.ImagePath.AsMemory()),
            RowColumn<AnnotatedQuery>.OfImage("Image", new ImageDataViewType(), row => ImageFile.Open(row.ImagePath, (row.Mask.Width, row.Mask.Height))),
            RowColumn<AnnotatedQuery>.Of("Query", TextDataViewType.Instance, row => row.Query.AsMemory()),
            RowColumn<AnnotatedQuery>.Of("Mask", SegmentationMaskDataViewType.Instance, row => row.Mask),
            RowColumn<AnnotatedQuery>.Of("Masks", SegmentationMaskListDataViewType.Instance, row => new SegmentationMaskList(row.Objects.Select(seen => seen.Mask))),
            RowColumn<AnnotatedQuery>.OfVector<float>("Boxes", new(NumberDataViewType.Single), row => [.. row.Objects.SelectMany(seen => Sides(seen.Box))]),
            RowColumn<AnnotatedQuery>.OfVector<ReadOnlyMemory<char>>("ObjectIds", new(TextDataViewType.Instance), row => [.. row.Objects.Select(seen => seen.Id.AsMemory())]),
            RowColumn<AnnotatedQuery>.OfVector<double>("Areas", new(NumberDataViewType.Double), row => [.. row.Objects.Select(seen => seen.Area)]),
            RowColumn<AnnotatedQuery>.OfVector<int>("ObjectTraits", new(NumberDataViewType.Int32), row => [.. row.Objects.Select(seen => (int)seen.Traits)]),
            RowColumn<AnnotatedQuery>.Of("Category", TextDataViewType.Instance, row => row.Category.Name.AsMemory()),
            RowColumn<AnnotatedQuery>.Of("CategoryId", TextDataViewType.Instance, row => row.Category.Id.AsMemory()),
            RowColumn<AnnotatedQuery>.Of("Traits", NumberDataViewType.Int32, row => (int)row.Traits));
    }

    private static float[] Sides(BoundingBox box) => [box.X0, box.Y0, box.X1, box.Y1];
}
