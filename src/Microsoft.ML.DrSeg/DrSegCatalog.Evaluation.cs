using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
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

    /// <summary>Scores the detections of any model that stand in a file against the data set that they are for.</summary>
    /// <param name="data">The data set; of LVIS and OpenImages one with <see cref="DataSetOptions.IncludeAbsent"/>.</param>
    /// <param name="predictionFile">
    /// COCO's or LVIS' results (boxes, run lengths or polygons, each with a score), or COCO's panoptic ones, whose PNGs lie in
    /// the folder of the file's name.
    /// </param>
    /// <param name="settings">How to measure; null for masks by the usual protocol of the data set's layout.</param>
    /// <exception cref="ArgumentException">The data set asks sentences, or settings contradict each other.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// The data or the predictions cannot be read, or do not belong together: an image, a category or a size is unknown. The message names
    /// file, place and value.
    /// </exception>
    public DetectionMetrics EvaluatePredictions(SegmentationDataSet data, string predictionFile, DetectionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(predictionFile);
        return Log(PredictionEvaluation.Detections(data, predictionFile, settings));
    }

    /// <summary>Scores masks of any model, one a query, that stand in files against the data set that they are for.</summary>
    /// <param name="data">The data set; with <see cref="DataSetOptions.IncludeAbsent"/> where what is absent is asked for too.</param>
    /// <param name="predictions">
    /// A folder of PNGs named like their image, <c>QUERY/NAME.png</c>, or <c>NAME.png</c> where an image is asked one thing; a mask that is missing is a failed answer.
    /// Or a file as <see cref="EvaluatePredictions"/> reads it with the sentence in <c>query</c>; what it does not mention was answered with nothing.
    /// </param>
    /// <inheritdoc cref="EvaluatePredictions" path="/exception"/>
    public SegmentationMetrics EvaluatePredictedMasks(SegmentationDataSet data, string predictions)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(predictions);
        return Log(PredictionEvaluation.Masks(data, predictions));
    }

    /// <summary>Writes detections as COCO's results, which its tools and <see cref="EvaluatePredictions"/> read: masks as compressed run lengths.</summary>
    /// <param name="predictions">Rows as <see cref="Evaluate(IDataView, DetectionEvaluationOptions)"/> takes them, categories by id.</param>
    /// <param name="options">Columns.</param>
    /// <param name="path">The JSON file to write, whole or not at all.</param>
    /// <exception cref="ArgumentException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">A row cannot be read; the message names row and column.</exception>
    public void SavePredictions(IDataView predictions, DetectionEvaluationOptions options, string path)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var count = 0;
        AtomicFile.Write(path, stream =>
        {
            using var writer = new PredictionWriter(stream);
            foreach (var image in DetectionEvaluation.Read(predictions, options))
                foreach (var one in image.Detections)
                {
                    writer.Write(image.Id, one.Category, query: null, one.Score, one.Mask, one.Extents);
                    count++;
                }
        });
        Log($"{count} detections in '{path}'.");
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
