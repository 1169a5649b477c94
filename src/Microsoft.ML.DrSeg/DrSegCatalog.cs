using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

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
}

/// <summary>What this library offers: <c>mlContext.DrSeg()</c>.</summary>
public sealed partial class DrSegCatalog
{
    private readonly MLContext context;

    internal DrSegCatalog(MLContext context) => this.context = context;

    /// <summary>Where data come from.</summary>
    public DrSegDataCatalog Data => new(context);

    /// <summary>What can be trained.</summary>
    public DrSegTrainersCatalog Trainers => new(context);

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
    public LookToConfirmEstimator LookToConfirm(LookToConfirmEstimator.Options options) => new(context, options);

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
    public DistributionRankedRewardEstimator DistributionRankedReward(DistributionRankedRewardEstimator.Options options) => new(context, options);

    /// <summary>Loads a model that was saved with <see cref="GrpoSegmentationTransformer.Save"/> or <see cref="DrSegModel.Save(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The names of the columns; the rest is passed over. Null for the defaults.</param>
    /// <returns>A transformer that owns the model; its <see cref="GrpoSegmentationTransformer.Model"/> can be trained on or confirmed with.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, of another version, damaged, or its tensors do not fit its sizes.</exception>
    /// <exception cref="InvalidOperationException">The context asks for a GPU that is not there and does not let the processor take over.</exception>
    public GrpoSegmentationTransformer LoadModel(string path, GrpoSegmentationTrainer.Options? options = null) =>
        new(DrSegModel.Load(path, TorchDevice.Of(context)), options);
}
