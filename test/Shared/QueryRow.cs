using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>A row to learn from, in memory.</summary>
internal sealed class QueryRow
{
    [ImageType(TinyModel.Side, TinyModel.Side)]
    public MLImage? Image { get; set; }

    public string? Query { get; set; }

    [SegmentationMaskType]
    public SegmentationMask? Mask { get; set; }

    public static QueryRow Of(SegmentationExample example) =>
        new() { Image = example.Image.ToMLImage(), Query = example.Query, Mask = example.Mask };

    public static QueryRow[] Many(int count) => [.. TinyModel.Examples(count).Select(Of)];
}

/// <summary>Everything that trainer and Look-to-Confirm predict.</summary>
internal sealed class Prediction
{
    [SegmentationMaskType]
    public SegmentationMask PredictedMask { get; set; } = null!;

    public float[] PredictedBox { get; set; } = [];
    public float[] PredictedPoint { get; set; } = [];
    public string Answer { get; set; } = "";
    public float Score { get; set; }
    public float Confidence { get; set; }
    public float[] ConfidenceMap { get; set; } = [];
    public float[] ConfidenceRegion { get; set; } = [];

    [SegmentationMaskType]
    public SegmentationMask? FirstMask { get; set; }

    public string FirstAnswer { get; set; } = "";
    public float FirstScore { get; set; }
    public bool SecondLook { get; set; }
    public int Hypotheses { get; set; }

    public static Prediction[] Of(MLContext context, IDataView view) =>
        [.. context.Data.CreateEnumerable<Prediction>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    /// <summary>All of it as one text, to compare predictions bit for bit.</summary>
    public override string ToString() => string.Join("; ",
        PredictedMask.Area, PredictedMask.Box, string.Join(" ", PredictedBox), string.Join(" ", PredictedPoint), Answer, Score,
        Confidence, string.Join(" ", ConfidenceMap), string.Join(" ", ConfidenceRegion), FirstMask?.Area, FirstAnswer, FirstScore, SecondLook, Hypotheses);
}
