using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>What all steps have which answer queries: columns, and how many rows they answer together.</summary>
public abstract class QueryOptions
{
    private protected QueryOptions()
    {
    }

    /// <summary>Input: the image (MLImage), at its own resolution.</summary>
    public string ImageColumnName = "Image";

    /// <summary>Input: what is asked for (text), such as "dog".</summary>
    public string QueryColumnName = "Query";

    /// <summary>Input when fitting: the true mask (<see cref="SegmentationMask"/>), of the image's size. A trainer needs it; Look-to-Confirm learns its threshold from it where there is one.</summary>
    public string LabelColumnName = "Mask";

    /// <summary>Output: the mask (<see cref="SegmentationMask"/>), of the image's size, of all objects of the answer together; empty where it has none or every answer failed. Look-to-Confirm's hides a trainer's provisional one, as all columns of the answer do.</summary>
    public string PredictedMaskColumnName = "PredictedMask";

    /// <summary>Output: the box of the answer's first object as x0, y0, x1, y1 in pixels, within the image (vector of 4 Single); all 0 where it has none or every answer failed.</summary>
    public string PredictedBoxColumnName = "PredictedBox";

    /// <summary>Output: the point of the answer's first object as x, y in pixels (vector of 2 Single); all 0 where it has none or every answer failed.</summary>
    public string PredictedPointColumnName = "PredictedPoint";

    /// <summary>Output: the answer as text; for a failed one, why it failed.</summary>
    public string AnswerColumnName = "Answer";

    /// <summary>
    /// Output: how sure the answer is, higher for surer (Single): of a trainer the natural logarithm of its probability, at most 0; of Look-to-Confirm the
    /// confidence, 0..1.
    /// </summary>
    public string ScoreColumnName = "Score";

    /// <summary>
    /// How many rows are answered together where a view is read, 1 to 4,096. More take a fraction of the time and hold that many images at once; the last
    /// digits of a number may then depend on the rows beside it. A <see cref="PredictionEngine{TSrc, TDst}"/> answers one at a time.
    /// </summary>
    public int PredictionBatchSize = 1;

    /// <summary>The outputs: the option and the name it gives.</summary>
    internal virtual (string Option, string Name)[] Outputs =>
    [
        (nameof(PredictedMaskColumnName), PredictedMaskColumnName), (nameof(PredictedBoxColumnName), PredictedBoxColumnName),
        (nameof(PredictedPointColumnName), PredictedPointColumnName), (nameof(AnswerColumnName), AnswerColumnName), (nameof(ScoreColumnName), ScoreColumnName),
    ];

    internal InputColumn Image => InputColumn.Of<MLImage>(ImageColumnName, "the image");

    internal InputColumn Query => InputColumn.Of<ReadOnlyMemory<char>>(QueryColumnName, "the query");

    internal InputColumn Label => InputColumn.Of<SegmentationMask>(LabelColumnName, "the true mask");

    internal void ValidateRows()
    {
        OptionChecks.RequireNames(
            [(nameof(ImageColumnName), ImageColumnName), (nameof(QueryColumnName), QueryColumnName), (nameof(LabelColumnName), LabelColumnName)], Outputs);
        OptionChecks.RequireBatch(nameof(PredictionBatchSize), PredictionBatchSize);
    }
}
