using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using static Microsoft.ML.DrSeg.Pipeline.EquivalentChain;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>What a row gets of every step that answers queries, in a model file of ML.NET: see <see cref="QueryOptions"/>.</summary>
internal class AnsweredResult
{
    [ColumnName(Prefix + nameof(PredictedMask))]
    [SegmentationMaskType]
    public SegmentationMask? PredictedMask { get; set; }

    [ColumnName(Prefix + nameof(PredictedBox))]
    [VectorType(4)]
    public float[] PredictedBox { get; set; } = [];

    [ColumnName(Prefix + nameof(PredictedPoint))]
    [VectorType(2)]
    public float[] PredictedPoint { get; set; } = [];

    [ColumnName(Prefix + nameof(Answer))]
    public string Answer { get; set; } = "";

    [ColumnName(Prefix + nameof(Score))]
    public float Score { get; set; }

    internal void Take(AnsweredRow row) =>
        (PredictedMask, PredictedBox, PredictedPoint, Answer, Score) = (row.Mask, row.Box, row.Point, row.Text, row.Score);
}
