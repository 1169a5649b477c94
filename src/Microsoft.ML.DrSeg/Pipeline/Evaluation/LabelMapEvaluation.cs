using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Columns and options of an evaluation of label maps: one label a pixel, one true and one predicted map a row.</summary>
public sealed class LabelMapEvaluationOptions
{
    /// <summary>The true label of each pixel (vector of Byte).</summary>
    public string LabelMapColumnName = "LabelMap";

    /// <summary>The predicted label of each pixel (vector of Byte), in the same order.</summary>
    public string PredictedLabelMapColumnName = "PredictedLabelMap";

    /// <summary>Number of classes, 1 to 256: labels are 0 to one less. COCO-Stuff's stuffthingmaps have 182, its stuff-only maps 184 with the label 0 ignored.</summary>
    public int ClassCount = 182;

    /// <summary>
    /// The label of pixels that are not judged, where the truth has it; a pixel predicted so is of no class. 255 in PASCAL
    /// VOC and in COCO-Stuff's stuffthingmaps, 0 in COCO-Stuff's stuff-only maps (Caesar et al., arXiv 1612.03716);
    /// null for none.
    /// </summary>
    public int? IgnoreLabel = 255;

    /// <summary>The name of each class, by its label; null for none.</summary>
    public IReadOnlyList<string>? ClassNames;
}

/// <summary>Evaluates label maps.</summary>
internal static class LabelMapEvaluation
{
    // Maps are large: a few for each processor.
    private static readonly int BatchSize = 4 * Environment.ProcessorCount;

    public static LabelMapMetrics Run(IDataView predictions, LabelMapEvaluationOptions options)
    {
        var truth = InputColumn.Of<VBuffer<byte>>(options.LabelMapColumnName, "the true labels").FindIn(predictions.Schema);
        var predicted = InputColumn.Of<VBuffer<byte>>(options.PredictedLabelMapColumnName, "the predicted labels").FindIn(predictions.Schema);
        var sum = ParallelRows.Sum(
            Read(predictions, truth, predicted), BatchSize, () => new LabelMapAccumulator(options.ClassCount, options.IgnoreLabel),
            (sums, row) => Add(sums, row, options), (sums, others) => sums.Merge(others));
        return sum.Complete(options.ClassNames);
    }

    // The buffers of a row are used again when a batch has been measured.
    private static IEnumerable<Row> Read(IDataView predictions, DataViewSchema.Column truth, DataViewSchema.Column predicted)
    {
        using var cursor = predictions.GetRowCursor([truth, predicted]);
        var truthGetter = cursor.GetGetter<VBuffer<byte>>(truth);
        var predictedGetter = cursor.GetGetter<VBuffer<byte>>(predicted);
        Row[] rows = [.. Enumerable.Range(0, BatchSize).Select(_ => new Row())];
        for (var next = 0; cursor.MoveNext(); next = (next + 1) % BatchSize)
        {
            var row = rows[next];
            truthGetter(ref row.Truth);
            predictedGetter(ref row.Predicted);
            row.Position = cursor.Position;
            yield return row;
        }
    }

    private static void Add(LabelMapAccumulator sums, Row row, LabelMapEvaluationOptions options)
    {
        try
        {
            sums.Add(Dense(ref row.Truth), Dense(ref row.Predicted));
        }
        catch (ArgumentException error)
        {
            var column = error.ParamName == "truth" ? options.LabelMapColumnName : options.PredictedLabelMapColumnName;
            throw new InvalidOperationException($"Row {row.Position}, column '{column}': {error.Message}", error);
        }
    }

    // ML.NET may hand a map that is mostly 0 over as a sparse vector.
    private static ReadOnlySpan<byte> Dense(ref VBuffer<byte> map)
    {
        if (!map.IsDense)
        {
            VBuffer<byte> dense = default;
            map.CopyToDense(ref dense);
            map = dense;
        }
        return map.GetValues();
    }

    private sealed class Row
    {
        public VBuffer<byte> Truth, Predicted;
        public long Position;
    }
}
