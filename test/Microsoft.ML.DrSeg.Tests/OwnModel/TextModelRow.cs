using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Rows with several objects, one or none, asked for by sentences of different length, and how the toy model is trained on them.</summary>
internal sealed class TextModelRow
{
    [ImageType(TinyModel.Side, TinyModel.Side)]
    public MLImage? Image { get; set; }

    public string Query { get; set; } = "";

    [SegmentationMaskType]
    public SegmentationMask? Mask { get; set; }

    [SegmentationMaskListType]
    public SegmentationMaskList? Masks { get; set; }

    public static SegmentationExample[] Examples(int first, int count) => [.. Enumerable.Range(first, count).Select(i =>
    {
        SegmentationExample example = TinyModel.Several(i);
        string sentence = (i % 3) switch { 0 => example.Query, 1 => $"the {example.Query} things", _ => $"Please show me everything {example.Query} in this picture!" };
        return example with { Query = sentence };
    })];

    public static TextModelRow[] Many(int count, int first = 0) => [.. Examples(first, count).Select(example => new TextModelRow
    {
        Image = example.Image.ToMLImage(),
        Query = example.Query,
        Mask = example.Mask,
        Masks = new SegmentationMaskList(example.Objects),
    })];

    /// <summary>The Distribution-Ranked Reward over all components, those of the text among them, and Look-to-Confirm.</summary>
    public static GrpoSegmentationTrainer.Options Options(DrSegModel model, int steps, RunOptions? run = null) => new()
    {
        BaseModel = model,
        Reward = new DistributionRankedReward(new()
        {
            Mode = RankedRewardMode.ReferenceWindow,
            Components = [.. Enum.GetValues<RewardComponent>().Select(component => new WeightedComponent(component))],
            WindowMinimum = 64,
        }),
        Training = new()
        {
            Steps = steps,
            Run = run,
            Sampling = new()
            {
                QueriesPerStep = 6,
                ShufflePoolSize = 8,
                LookToConfirm = new() { FirstLookAnswers = 6, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.5f },
            },
            Objective = new() { DivergenceWeight = 0.02, EntropyWeight = 0.001 },
            Optimizer = new() { LearningRate = 0.05, LargestGradientNorm = 0.1 },
        },
    };
}
