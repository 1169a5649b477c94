using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

// Evaluation: what is predicted against what is true.
public sealed partial class DrSegCatalog
{
    /// <summary>
    /// Scores one predicted mask a query: mIoU over classes, gIoU and cIoU over queries, Dice, boundary IoU, precision at IoU
    /// .5 to .9, accuracy on absent and on present objects. Rows are measured in parallel; their order does not change a figure.
    /// </summary>
    /// <param name="predictions">Rows with a true and a predicted mask.</param>
    /// <param name="maskColumnName">The true masks; empty where what is asked for is not there.</param>
    /// <param name="predictedMaskColumnName">The predicted masks, of the same sizes; null for an answer that failed, which counts 0.</param>
    /// <param name="classColumnName">The class of each query (text), for mIoU.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">There is no row, or one cannot be scored; the message names row and column.</exception>
    public SegmentationMetrics Evaluate(
        IDataView predictions, string maskColumnName = "Mask", string predictedMaskColumnName = "PredictedMask", string classColumnName = "Query") =>
        Evaluate(predictions, new QueryEvaluationOptions
        {
            MaskColumnName = maskColumnName,
            PredictedMaskColumnName = predictedMaskColumnName,
            ClassColumnName = classColumnName,
        });

    /// <summary>Scores one predicted mask a query, with all options.</summary>
    /// <param name="predictions">Rows with a true and a predicted mask.</param>
    /// <param name="options">Columns, classes and the thickness of boundaries.</param>
    /// <inheritdoc cref="Evaluate(IDataView, string, string, string)" path="/exception"/>
    public SegmentationMetrics Evaluate(IDataView predictions, QueryEvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        return Log(QueryEvaluation.Run(predictions, options));
    }

    /// <summary>Scores label maps: mIoU over classes, pixel accuracy, mean accuracy and frequency-weighted IoU.</summary>
    /// <param name="predictions">Rows with a true and a predicted label map.</param>
    /// <param name="options">Columns, number of classes and ignored label.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else, or a number is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no row, no pixel to judge, or a row cannot be scored; the message names row and column.</exception>
    public LabelMapMetrics Evaluate(IDataView predictions, LabelMapEvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        return Log(LabelMapEvaluation.Run(predictions, options));
    }

    /// <summary>Scores detections, masks or boxes with scores, by average precision and recall of COCO, LVIS or OpenImages, or by panoptic quality.</summary>
    /// <param name="predictions">Rows with true objects and detections: a query or an image each.</param>
    /// <param name="options">Columns, protocol and its settings.</param>
    /// <exception cref="ArgumentException">A column is missing or holds something else, or settings contradict each other.</exception>
    /// <exception cref="InvalidOperationException">There is no row, or one cannot be scored; the message names row and column.</exception>
    public DetectionMetrics Evaluate(IDataView predictions, DetectionEvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        return Log(DetectionEvaluation.Run(predictions, options));
    }

    private TMetrics Log<TMetrics>(TMetrics metrics)
        where TMetrics : notnull
    {
        IHostEnvironment environment = _context;
        using IChannel channel = environment.Register("DrSegEvaluation").Start(nameof(Evaluate));
        channel.Info(MessageSensitivity.None, metrics.ToString());
        return metrics;
    }
}
