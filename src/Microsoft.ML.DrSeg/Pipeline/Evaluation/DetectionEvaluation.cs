using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Evaluates detections: reads rows and has a <see cref="DetectionAccumulator"/> match them.</summary>
internal sealed class DetectionEvaluation
{
    private const int BatchSize = 256;

    private readonly IDataView _predictions;
    private readonly DetectionEvaluationOptions _options;
    private readonly ObjectColumns _truth, _predicted;
    private readonly DataViewSchema.Column _category, _scores;
    private readonly DataViewSchema.Column? _id, _predictedCategory, _areas, _crowds, _present, _absent, _nonExhaustive, _traits;
    private readonly CategoryNames _names;
    private readonly Dictionary<string, CategoryFrequency> _frequencies = [];
    private readonly HashSet<string> _stuff = [];

    private DetectionEvaluation(IDataView predictions, DetectionEvaluationOptions options)
    {
        var schema = predictions.Schema;
        (_predictions, _options, _names) = (predictions, options, new(options.Categories));
        _truth = new(schema, options.MaskColumnName, options.BoxColumnName, "true", mayFail: false);
        _predicted = new(schema, options.PredictedMaskColumnName, options.PredictedBoxColumnName, "predicted", mayFail: true);
        _category = Find<ReadOnlyMemory<char>>(options.CategoryColumnName, "the category", orVector: true)!.Value;
        _scores = IsOf<double>(schema.GetColumnOrNull(options.ScoreColumnName)) ? schema[options.ScoreColumnName] : Find<float>(options.ScoreColumnName, "the scores", orVector: true)!.Value;
        _predictedCategory = IsQuery ? null : Find<VBuffer<ReadOnlyMemory<char>>>(options.PredictedCategoryColumnName, "the categories of detections");
        _id = options.ImageIdColumnName is { } id
            ? schema.GetColumnOrNull(id) ?? throw new ArgumentOutOfRangeException(nameof(predictions), $"There is no column '{id}' for the image's id. The columns are: {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => c.Name))}.")
            : null;
        _areas = FindEither<VBuffer<double>, VBuffer<float>>(options.AreaColumnName, "the areas");
        _crowds = FindEither<VBuffer<int>, VBuffer<bool>>(options.CrowdColumnName, "the crowds");
        _traits = Find<int>(options.TraitsColumnName, "the traits");
        _present = Find<VBuffer<ReadOnlyMemory<char>>>(options.PresentColumnName, "the categories that are present");
        _absent = Find<VBuffer<ReadOnlyMemory<char>>>(options.AbsentColumnName, "the categories that are absent");
        _nonExhaustive = Find<VBuffer<ReadOnlyMemory<char>>>(options.NonExhaustiveColumnName, "the categories annotated in part");

        DataViewSchema.Column? Find<T>(string? name, string purpose, bool orVector = false) =>
            name is null ? null
            : orVector && schema.GetColumnOrNull(name)?.Type is VectorDataViewType ? InputColumn.Of<VBuffer<T>>(name, purpose).FindIn(schema)
            : InputColumn.Of<T>(name, purpose).FindIn(schema);

        DataViewSchema.Column? FindEither<TOne, TOther>(string? name, string purpose) =>
            name is not null && schema.GetColumnOrNull(name)?.Type.RawType == typeof(TOne) ? schema[name] : Find<TOther>(name, purpose);
    }

    private bool IsQuery => _category.Type is not VectorDataViewType;

    public static DetectionMetrics Run(IDataView predictions, DetectionEvaluationOptions options)
    {
        var evaluation = new DetectionEvaluation(predictions, options);
        // The frequencies and the stuff that rows tell are known when all are read, which is before the figures are computed.
        var settings = evaluation._traits is null ? options.Settings : options.Settings with
        {
            Frequencies = options.Settings.Frequencies ?? evaluation._frequencies,
            Stuff = options.Settings.Stuff ?? evaluation._stuff,
        };
        var sum = ParallelRows.Sum(
            options.Settings.WantsWholeImages ? evaluation.Images() : evaluation.Rows(), BatchSize, () => new DetectionAccumulator(settings), (sums, image) => sums.Add(image), (sums, others) => sums.Merge(others));
        return sum.Complete();
    }

    /// <summary>The rows, each as an image or a part of one.</summary>
    public static IEnumerable<DetectionImage> Read(IDataView predictions, DetectionEvaluationOptions options) => new DetectionEvaluation(predictions, options).Rows();

    private IEnumerable<DataViewSchema.Column> Columns() =>
        new DataViewSchema.Column?[] { _category, _scores, _id, _predictedCategory, _areas, _crowds, _present, _absent, _nonExhaustive, _traits }
            .OfType<DataViewSchema.Column>().Concat(_truth.Columns).Concat(_predicted.Columns);

    // Along a hierarchy, or where segments or categories compete, an image is judged as a whole: rows of one image that follow each other are one.
    private IEnumerable<DetectionImage> Images()
    {
        var seen = new HashSet<ImageId>();
        var parts = new List<DetectionImage>();
        foreach (var image in Rows())
        {
            if (parts.Count > 0 && image.Id != parts[0].Id)
            {
                yield return Whole(parts, seen);
                parts.Clear();
            }
            parts.Add(image);
        }
        if (parts.Count > 0)
            yield return Whole(parts, seen);
    }

    private IEnumerable<DetectionImage> Rows()
    {
        using var cursor = _predictions.GetRowCursor(Columns());
        var read = CreateRowReader(cursor);
        while (cursor.MoveNext())
            yield return read();
    }

    private static DetectionImage Whole(List<DetectionImage> parts, HashSet<ImageId> seen)
    {
        if (!seen.Add(parts[0].Id))
            throw new InvalidOperationException($"Row {parts[0].Row}: image {parts[0].Id} comes again after rows of other images. It is to be judged as a whole; put its rows one after another.");
        return parts.Count == 1 ? parts[0] : parts[0] with
        {
            Truth = [.. parts.SelectMany(part => part.Truth)],
            Detections = [.. parts.SelectMany(part => part.Detections)],
            PresentCategories = [.. parts.SelectMany(part => part.PresentCategories)],
            AbsentCategories = [.. parts.SelectMany(part => part.AbsentCategories)],
            NonExhaustiveCategories = [.. parts.SelectMany(part => part.NonExhaustiveCategories)],
        };
    }

    private Func<DetectionImage> CreateRowReader(DataViewRow row)
    {
        var readId = RowValues.Id(row, _id);
        var (readTruth, readPredicted) = (_truth.CreateReader(row), _predicted.CreateReader(row));
        var readCategories = RowValues.OneOrMore<ReadOnlyMemory<char>>(row, _category);
        var readPredictedCategories = Optional<ReadOnlyMemory<char>>(_predictedCategory);
        Func<double[]> readScores = IsOf<double>(_scores) ? RowValues.OneOrMore<double>(row, _scores) : Converted<float, double>(RowValues.OneOrMore<float>(row, _scores), score => score)!;
        var readAreas = IsOf<double>(_areas) ? Optional<double>(_areas) : Converted<float, double>(Optional<float>(_areas), area => area);
        var readCrowds = IsOf<bool>(_crowds) ? Optional<bool>(_crowds) : Converted<int, bool>(Optional<int>(_crowds), traits => ((ObjectTraits)traits).HasFlag(ObjectTraits.Group));
        var readTraits = _traits is { } traits ? RowValues.Value<int>(row, traits) : null;
        var (readPresent, readAbsent, readNonExhaustive) = (Names(_present), Names(_absent), Names(_nonExhaustive));
        return () =>
        {
            var (truth, predicted) = (readTruth(), readPredicted());
            CheckSizes(row.Position, truth, predicted);
            var categories = CategoriesOf(row.Position, readCategories(), _category.Name, truth.Count, _truth.Name);
            var objects = TrueObjects(row.Position, truth, categories, readAreas?.Invoke(), readCrowds?.Invoke());
            var predictedCategories = readPredictedCategories is null
                ? CategoriesOf(row.Position, readCategories(), _category.Name, predicted.Count, _predicted.Name)
                : CategoriesOf(row.Position, readPredictedCategories(), _predictedCategory!.Value.Name, predicted.Count, _predicted.Name);
            var known = (QueryTraits)(readTraits?.Invoke() ?? 0);
            string? query = IsQuery ? _names.Find(readCategories()[0], row.Position, _category.Name) : null;
            if (query is not null)
                Note(query, known);
            return new DetectionImage
            {
                Id = readId(),
                Row = row.Position,
                Truth = objects,
                Detections = Detections(row.Position, predicted, predictedCategories, readScores()),
                PresentCategories = readPresent(),
                AbsentCategories = query is not null && truth.Count == 0 ? [.. readAbsent(), query] : readAbsent(),
                NonExhaustiveCategories = query is not null && known.HasFlag(QueryTraits.NotExhaustive) ? [.. readNonExhaustive(), query] : readNonExhaustive(),
            };
        };

        static Func<TTo[]>? Converted<TFrom, TTo>(Func<TFrom[]>? read, Converter<TFrom, TTo> convert) => read is null ? null : () => Array.ConvertAll(read(), convert);

        Func<T[]>? Optional<T>(DataViewSchema.Column? column) => column is { } found ? RowValues.Vector<T>(row, found) : null;

        Func<string[]> Names(DataViewSchema.Column? column)
        {
            var read = Optional<ReadOnlyMemory<char>>(column);
            return () => read is null ? [] : [.. read().Select(text => _names.Find(text, row.Position, column!.Value.Name))];
        }
    }

    private static bool IsOf<T>(DataViewSchema.Column? column) => column?.Type.RawType is { } type && (type == typeof(VBuffer<T>) || type == typeof(T));

    private void Note(string category, QueryTraits traits)
    {
        if (traits.HasFlag(QueryTraits.Stuff))
            _stuff.Add(category);
        if (traits.HasFlag(QueryTraits.Rare))
            _frequencies[category] = CategoryFrequency.Rare;
        else if (traits.HasFlag(QueryTraits.Common))
            _frequencies[category] = CategoryFrequency.Common;
        else if (traits.HasFlag(QueryTraits.Frequent))
            _frequencies[category] = CategoryFrequency.Frequent;
    }

    /// <summary>The category of each object: its own, or the query's for all.</summary>
    private string[] CategoriesOf(long row, ReadOnlyMemory<char>[] texts, string column, int count, string objectColumn)
    {
        if (IsQuery)
            return [.. Enumerable.Repeat(_names.Find(texts[0], row, column), count)];
        CheckCount(row, column, texts.Length, count, objectColumn);
        return [.. texts.Select(text => _names.Find(text, row, column))];
    }

    private TrueObject[] TrueObjects(long row, RowObjects truth, string[] categories, double[]? areas, bool[]? crowds)
    {
        // A row's only mask may be empty, and the object's properties then belong to nothing.
        if (truth.Count > 0 || !IsQuery)
        {
            CheckCount(row, _areas?.Name, areas?.Length, truth.Count, _truth.Name);
            CheckCount(row, _crowds?.Name, crowds?.Length, truth.Count, _truth.Name);
        }
        var objects = new TrueObject[truth.Count];
        for (var i = 0; i < objects.Length; i++)
        {
            if (truth.Masks[i] is null && truth.Boxes is null)
                throw new InvalidOperationException($"Row {row}, column '{_truth.Name}': mask {i} is missing, and there is no column of boxes. Name one, or leave the object out.");
            if (areas is not null && !(areas[i] >= 0))
                throw new InvalidOperationException($"Row {row}, column '{_areas!.Value.Name}': the area of object {i} is {areas[i]}; it must be 0 or more.");
            var found = new TrueObject(categories[i], truth.Masks[i], truth.BoxOf(i)) { IsCrowd = crowds?[i] ?? false };
            objects[i] = areas is null ? found : found with { Area = areas[i] };
        }
        return objects;
    }

    private List<DetectedObject> Detections(long row, RowObjects predicted, string[] categories, double[] scores)
    {
        // One answer a row has its score even where it failed or says that there is nothing.
        if (predicted.Count > 0 || scores.Length != 1)
            CheckCount(row, _scores.Name, scores.Length, predicted.Count, _predicted.Name);
        var detections = new List<DetectedObject>(predicted.Count);
        for (var i = 0; i < predicted.Count; i++)
        {
            if (predicted.Masks[i] is null && (predicted.Boxes is null || _options.Settings.Overlap != DetectionOverlap.Boxes))
                continue;
            if (!double.IsFinite(scores[i]))
                throw new InvalidOperationException($"Row {row}, column '{_scores.Name}': the score of detection {i} is {scores[i]}; detections are sorted by it, so it must be a finite number. Leave out what has none.");
            detections.Add(new(categories[i], scores[i], predicted.Masks[i], predicted.BoxOf(i)));
        }
        return detections;
    }

    private void CheckSizes(long row, RowObjects truth, RowObjects predicted)
    {
        var all = truth.Masks.Select((mask, i) => (mask, i, _truth.Name)).Concat(predicted.Masks.Select((mask, i) => (mask, i, _predicted.Name)));
        SegmentationMask? first = null;
        foreach (var (mask, i, column) in all)
        {
            first ??= mask;
            if (mask is not null && (mask.Width != first!.Width || mask.Height != first.Height))
                throw new InvalidOperationException($"Row {row}, column '{column}': mask {i} is {mask.Width} x {mask.Height} pixels, but the row's first mask {first.Width} x {first.Height}. Scale one to the other.");
        }
    }

    private static void CheckCount(long row, string? column, int? count, int expected, string objectColumn)
    {
        if (count is { } found && found != expected)
            throw new InvalidOperationException($"Row {row}, column '{column}': there are {found} values for the {expected} objects of the column '{objectColumn}'; give one for each.");
    }
}
