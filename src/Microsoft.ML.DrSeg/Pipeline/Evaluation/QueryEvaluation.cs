using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Columns and options of an evaluation query by query: one true and one predicted mask a row.</summary>
public sealed class QueryEvaluationOptions
{
    /// <summary>The true mask (<see cref="SegmentationMask"/>); empty where what is asked for is not there.</summary>
    public string MaskColumnName = "Mask";

    /// <summary>The predicted mask, of the same size; empty for "it is not there", null for an answer that failed.</summary>
    public string PredictedMaskColumnName = "PredictedMask";

    /// <summary>
    /// The true objects one by one (<see cref="SegmentationMaskList"/>, such as a data set's "Masks"; empty where there is none), to count them and to match
    /// their boxes with those in <see cref="PredictedObjectsColumnName"/>; null not to.
    /// </summary>
    public string? ObjectsColumnName;

    /// <summary>The predicted objects one by one, in the same way; not read where the predicted mask is null. Named where <see cref="ObjectsColumnName"/> is.</summary>
    public string? PredictedObjectsColumnName;

    /// <summary>The class of a query (text), which mIoU is taken over; null to have only one, and mIoU is cIoU then.</summary>
    public string? ClassColumnName = "Query";

    /// <summary>The classes there are, in the order of <see cref="SegmentationMetrics.ClassIoU"/>; null for those that occur, by name.</summary>
    public IReadOnlyList<string>? Classes;

    /// <summary>
    /// How thick the boundary of <see cref="SegmentationMetrics.BoundaryIoU"/> is, as a share of the image's diagonal, at least
    /// a pixel: .02 (Cheng et al., Boundary IoU, arXiv 2103.16562). Null not to measure it, which takes longer than all the rest.
    /// </summary>
    public double? BoundaryShare = .02;
}

/// <summary>Evaluates query by query.</summary>
internal static class QueryEvaluation
{
    private const int BatchSize = 256;

    public static SegmentationMetrics Run(IDataView predictions, QueryEvaluationOptions options)
    {
        var mask = InputColumn.Of<SegmentationMask>(options.MaskColumnName, "the true mask").FindIn(predictions.Schema);
        var predicted = InputColumn.Of<SegmentationMask>(options.PredictedMaskColumnName, "the predicted mask").FindIn(predictions.Schema);
        DataViewSchema.Column? category = options.ClassColumnName is { } name
            ? InputColumn.Of<ReadOnlyMemory<char>>(name, "the class").FindIn(predictions.Schema)
            : null;
        if (options.BoundaryShare is { } share)
            OptionChecks.Require(share is > 0 and < 1, nameof(options.BoundaryShare), share, "between 0 and 1, or null");
        if (options.ObjectsColumnName is null != options.PredictedObjectsColumnName is null)
            throw new ArgumentException($"{nameof(options.ObjectsColumnName)} and {nameof(options.PredictedObjectsColumnName)} belong together, but only one names a column; name both, or neither.", nameof(options));
        var objects = ObjectsColumn(predictions.Schema, options.ObjectsColumnName, "true");
        var predictedObjects = ObjectsColumn(predictions.Schema, options.PredictedObjectsColumnName, "predicted");

        var classes = new Classes(options.Classes);
        var sum = ParallelRows.Sum(
            Read(predictions, mask, predicted, category, objects, predictedObjects, classes), BatchSize, () => new SegmentationAccumulator(),
            (sums, row) => sums.Add(Measure(row, options.BoundaryShare)), (sums, others) => sums.Merge(others));
        return classes.InOrder(sum);
    }

    private static DataViewSchema.Column? ObjectsColumn(DataViewSchema schema, string? name, string purpose) =>
        name is null ? null : InputColumn.Of<SegmentationMaskList>(name, $"the {purpose} objects").FindIn(schema);

    private static QueryResult Measure(Row row, double? boundaryShare)
    {
        var result = QueryResult.Measure(row.Class, row.Predicted, row.Truth, boundaryShare);
        return row.Objects is null
            ? result
            : result.WithObjects(Objects(row.PredictedObjects!), Objects(row.Objects), row.Truth.Width, row.Truth.Height);
    }

    private static SegmentedObject[] Objects(SegmentationMask[] masks) => [.. masks.Select(SegmentedObject.Of)];

    private static IEnumerable<Row> Read(
        IDataView predictions, DataViewSchema.Column mask, DataViewSchema.Column predicted, DataViewSchema.Column? category,
        DataViewSchema.Column? objects, DataViewSchema.Column? predictedObjects, Classes classes)
    {
        using var row = predictions.GetRowCursor(new[] { mask, predicted, category, objects, predictedObjects }.OfType<DataViewSchema.Column>());
        var readTruth = RowValues.Mask(row, mask);
        var readPredicted = RowValues.Value<SegmentationMask?>(row, predicted);
        var readClass = category is { } column ? RowValues.Value<ReadOnlyMemory<char>>(row, column) : null;
        var readObjects = objects is { } wanted ? ObjectMasksColumn.CreateReader(row, wanted, mask.Name) : null;
        var readPredictedObjects = predictedObjects is { } answered ? ObjectMasksColumn.CreateReader(row, answered, mask.Name) : null;
        while (row.MoveNext())
        {
            var (truth, answer) = (readTruth(), readPredicted());
            if (answer is not null && (answer.Width != truth.Width || answer.Height != truth.Height))
                throw new InvalidOperationException($"Row {row.Position}: the mask in the column '{predicted.Name}' is {answer.Width} x {answer.Height} pixels, but the true one in '{mask.Name}' {truth.Width} x {truth.Height}. Scale one to the other.");
            var index = readClass is null ? 0 : classes.IndexOf(readClass(), row.Position, category!.Value.Name);
            yield return new(index, truth, answer, readObjects?.Invoke(truth), answer is null ? [] : readPredictedObjects?.Invoke(truth));
        }
    }

    private sealed record Row(
        int Class, SegmentationMask Truth, SegmentationMask? Predicted, SegmentationMask[]? Objects, SegmentationMask[]? PredictedObjects);

    /// <summary>Numbers classes as they come, and puts them in their order in the end.</summary>
    private sealed class Classes(IReadOnlyList<string>? known)
    {
        private readonly CategoryNames _names = new(known);
        private readonly Dictionary<string, int> _indices = known?.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index) ?? [];

        public int IndexOf(ReadOnlyMemory<char> text, long row, string column)
        {
            var name = _names.Find(text, row, column);
            if (!_indices.TryGetValue(name, out var index))
                _indices.Add(name, index = _indices.Count);
            return index;
        }

        public SegmentationMetrics InOrder(SegmentationAccumulator sums)
        {
            if (_indices.Count == 0)
                return sums.Complete();
            string[] names = known is null ? [.. _indices.Keys.Order(StringComparer.Ordinal)] : [.. known];
            return sums.Complete(names, [.. names.Select(name => _indices[name])]);
        }
    }
}
