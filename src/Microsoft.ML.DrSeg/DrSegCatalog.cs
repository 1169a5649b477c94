using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.Transforms.Image;

// In ML.NET's own namespace, so that whoever uses MLContext finds the door without another using.
namespace Microsoft.ML;

/// <summary>The door to this library.</summary>
public static class DrSegCatalogExtensions
{
    /// <summary>Dr. Seg: training of visual language models for segmentation, and its two adapters, each usable alone.</summary>
    /// <param name="mlContext">
    /// The context. <see cref="MLContext.GpuDeviceId"/> chooses the device: null for the processor, else that CUDA GPU; where it
    /// is missing, <see cref="MLContext.FallbackToCpu"/> decides between the processor and an exception.
    /// </param>
    public static DrSegCatalog DrSeg(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new DrSegCatalog(mlContext);
    }

    /// <summary>
    /// Saves the steps of Dr. Seg in a fitted pipeline, with weights and columns, as one file: a zip of safetensors and JSON.
    /// <c>mlContext.DrSeg().LoadModel(path)</c> brings them back. Steps of ML.NET before and after them, such as those that load
    /// images, are not in it.
    /// </summary>
    /// <param name="model">A chain, or one step of Dr. Seg.</param>
    /// <param name="path">The file; one of that name is replaced only once the new one is whole.</param>
    /// <exception cref="InvalidOperationException">There is no step of Dr. Seg, one of ML.NET stands between two of them, or they have different models.</exception>
    /// <exception cref="NotSupportedException">A step cannot be saved; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and nothing is left behind.</exception>
    public static void SaveDrSeg(this ITransformer model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        RowTransformer[] steps = DrSegFile.StepsOf(model);
        AtomicFile.Write(path, stream => DrSegFile.Write(stream, steps));
    }
}

/// <summary>What this library offers: <c>mlContext.DrSeg()</c>.</summary>
/// <example>
/// Train, look again where the first look is in doubt, and answer for rows of images and words:
/// <code>
/// var pipeline = mlContext.Transforms.LoadImages("Image", imageFolder, "ImagePath")
///     .Append(mlContext.DrSeg().Trainers.GrpoSegmentation(steps: 200))
///     .Append(mlContext.DrSeg().LookToConfirm());
/// using var model = pipeline.Fit(trainingData);
/// IDataView masks = model.Transform(testData);
/// </code>
/// </example>
public sealed partial class DrSegCatalog
{
    private readonly MLContext _context;

    // ML.NET reads rows into a class whose columns are not all there only where it knows the types of those that are missing.
    static DrSegCatalog()
    {
        new SegmentationMaskTypeAttribute().Register();
        new SegmentationMaskListTypeAttribute().Register();
    }

    internal DrSegCatalog(MLContext context) => _context = context;

    /// <summary>Where data come from.</summary>
    public DrSegDataCatalog Data => new(_context);

    /// <summary>What can be trained.</summary>
    public DrSegTrainersCatalog Trainers => new(_context);

    /// <summary>Look-to-Confirm with its default options.</summary>
    /// <param name="imageColumnName">Column of images.</param>
    /// <param name="queryColumnName">Column of queries (text).</param>
    /// <param name="labelColumnName">Column of true masks, where there is one: the threshold is learned from it in fitting.</param>
    /// <param name="model">The model; null for the one that a trainer earlier in the pipeline hands on.</param>
    public LookToConfirmEstimator LookToConfirm(
        string imageColumnName = "Image", string queryColumnName = "Query", string labelColumnName = "Mask", DrSegModel? model = null) =>
        LookToConfirm(new LookToConfirmEstimator.Options
        {
            ImageColumnName = imageColumnName,
            QueryColumnName = queryColumnName,
            LabelColumnName = labelColumnName,
            Model = model,
        });

    /// <summary>Look-to-Confirm with all its options.</summary>
    /// <param name="options">Columns, model, and how much to look; copied.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public LookToConfirmEstimator LookToConfirm(LookToConfirmEstimator.Options options) => new(_context, options);

    /// <summary>The Distribution-Ranked Reward of candidate masks.</summary>
    /// <param name="candidatesColumnName">Column of candidate masks.</param>
    /// <param name="maskColumnName">Column of true masks.</param>
    /// <param name="mode">What a candidate is ranked against.</param>
    public DistributionRankedRewardEstimator DistributionRankedReward(
        string candidatesColumnName = "Candidates", string maskColumnName = "Mask", RankedRewardMode mode = RankedRewardMode.WithinGroup) =>
        DistributionRankedReward(new DistributionRankedRewardEstimator.Options
        {
            CandidatesColumnName = candidatesColumnName,
            MaskColumnName = maskColumnName,
            Reward = new() { Mode = mode },
        });

    /// <summary>The Distribution-Ranked Reward with all its options.</summary>
    /// <param name="options">Columns and reward.</param>
    public DistributionRankedRewardEstimator DistributionRankedReward(DistributionRankedRewardEstimator.Options options) => new(_context, options);

    /// <summary>Segments what boxes and points prompt, by a segmenter alone: <c>Segment(model.Segmenter)</c>, or one of your own.</summary>
    /// <param name="segmenter">Turns a box and a point into a mask; stays the caller's to dispose.</param>
    /// <param name="imageColumnName">Column of images.</param>
    /// <param name="boxColumnName">
    /// Column of boxes, x0, y0, x1, y1 each, in pixels of the image: a vector of 4 is one box a row, one of no fixed length any number.
    /// </param>
    /// <param name="pointColumnName">Column of points, x, y for each box, in pixels of the image; null for the middle of each box.</param>
    /// <param name="predictedMaskColumnName">Column to add: a mask for one box a row, a list of masks for any number.</param>
    /// <exception cref="ArgumentException">A column name is empty.</exception>
    public PromptSegmentationEstimator Segment(
        IPromptableSegmenter segmenter, string imageColumnName = "Image", string boxColumnName = "Box", string? pointColumnName = null, string predictedMaskColumnName = "PredictedMask") =>
        Segment(segmenter, new PromptSegmentationEstimator.Options
        {
            ImageColumnName = imageColumnName,
            BoxColumnName = boxColumnName,
            PointColumnName = pointColumnName,
            PredictedMaskColumnName = predictedMaskColumnName,
        });

    /// <summary>Segments what boxes and points prompt, with all its options.</summary>
    /// <param name="segmenter">Turns a box and a point into a mask; stays the caller's to dispose.</param>
    /// <param name="options">Columns; copied.</param>
    /// <exception cref="ArgumentException">A column name is empty.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "Reached through mlContext.DrSeg(), like all others.")]
    public PromptSegmentationEstimator Segment(IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options) => new(segmenter, options);

    /// <summary>Brings masks, boxes and points of images that <c>ResizeImages</c> resized back to the pixels of the originals.</summary>
    /// <param name="originalImageColumnName">Column of the images before they were resized.</param>
    /// <param name="resizing">What <c>ResizeImages</c> was told; its default too.</param>
    /// <param name="cropAnchor">What <c>ResizeImages</c> was told; its default too.</param>
    public OriginalPixelsEstimator ToOriginalPixels(
        string originalImageColumnName = "OriginalImage",
        ImageResizingEstimator.ResizingKind resizing = ImageResizingEstimator.ResizingKind.IsoCrop,
        ImageResizingEstimator.Anchor cropAnchor = ImageResizingEstimator.Anchor.Center) =>
        ToOriginalPixels(new OriginalPixelsEstimator.Options { OriginalImageColumnName = originalImageColumnName, Resizing = resizing, CropAnchor = cropAnchor });

    /// <summary>Brings masks, boxes and points back to the pixels of the originals, with all its options.</summary>
    /// <param name="options">Columns, and how the images were resized; copied.</param>
    /// <exception cref="ArgumentException">A column name is empty or stands twice, or a value is none of its kind.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "Reached through mlContext.DrSeg(), like all others.")]
    public OriginalPixelsEstimator ToOriginalPixels(OriginalPixelsEstimator.Options options) => new(options);

    /// <summary>Predictions for single rows from any number of threads at once, as a server makes them.</summary>
    /// <param name="model">A fitted pipeline; stays the caller's to dispose, after the pool.</param>
    /// <typeparam name="TSource">The row class that the model is asked with.</typeparam>
    /// <typeparam name="TPrediction">The row class of the answer.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The row classes lack a column that the model needs, or one holds something else.</exception>
    public PredictionPool<TSource, TPrediction> CreatePredictionPool<TSource, TPrediction>(ITransformer model)
        where TSource : class
        where TPrediction : class, new() => new(_context, model);

    /// <summary>Loads what <see cref="DrSegCatalogExtensions.SaveDrSeg"/> or <see cref="DrSegModel.Save(string)"/> saved.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// The steps that were saved, with their columns; of a model alone, a <see cref="GrpoSegmentationTransformer"/> with the
    /// usual columns. Dispose it when it is no longer needed. To train on, see <see cref="DrSegModel.Load(string, TorchSharp.torch.Device)"/>.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, of another version, damaged, larger than it can honestly be, or its tensors do not fit its sizes.</exception>
    /// <exception cref="InvalidOperationException">The context asks for a GPU that is not there and does not let the processor take over.</exception>
    public TransformerChain<ITransformer> LoadModel(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TorchSharp.torch.Device device = ContextDevice.Of(_context);
        DrSegModel? model = null;
        try
        {
            using FileStream stream = File.OpenRead(path);
            return new(DrSegFile.Read(stream, path, zip => model = DrSegModelFile.Read(zip, device)));
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }
}
