using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Evaluates predictions that stand in files against the data set that they are for, image by image.</summary>
internal static class PredictionEvaluation
{
    private const int BatchSize = 256;

    /// <summary>Whose figures are usual for a data set.</summary>
    public static DetectionProtocol ProtocolOf(DataSetLayout layout) => layout switch
    {
        DataSetLayout.Lvis => DetectionProtocol.Lvis,
        DataSetLayout.OpenImages => DetectionProtocol.OpenImages,
        DataSetLayout.CocoPanoptic => DetectionProtocol.Panoptic,
        _ => DetectionProtocol.Coco,
    };

    /// <summary>Whether a data set asks sentences, which have no category to detect.</summary>
    public static bool AsksSentences(DataSetLayout layout) => layout is DataSetLayout.RefCoco or DataSetLayout.ReasonSeg;

    public static DetectionMetrics Detections(SegmentationDataSet data, string path, DetectionSettings? settings)
    {
        settings ??= new() { Protocol = ProtocolOf(data.Layout) };
        if (AsksSentences(data.Layout))
            throw new ArgumentException($"{data.Layout} asks sentences, which have no average precision; evaluate masks instead.", nameof(data));
        if (settings.IsFederated && !data.Options.IncludeAbsent)
            throw new ArgumentException($"{settings.Protocol} judges what was found where it was verified to be absent; open the data set with {nameof(DataSetOptions.IncludeAbsent)}.", nameof(data));
        var names = Names(data);
        settings = settings with
        {
            Frequencies = settings.Frequencies ?? data.Categories.Where(one => FrequencyOf(one) is not null).ToDictionary(one => names[one.Id], one => FrequencyOf(one)!.Value),
            Stuff = settings.Stuff ?? [.. data.Categories.Where(one => one.Traits.HasFlag(QueryTraits.Stuff)).Select(one => names[one.Id])],
        };
        using var file = new PredictionFile(path, names.Select(pair => (pair.Key, pair.Value)));
        return ParallelRows.Sum(
            Images(data, file, names, settings), BatchSize, () => new DetectionAccumulator(settings),
            (sums, found) => sums.Add(found.Image with { Detections = file.Detections(found.Image.Id, found.Width, found.Height, settings.Overlap) }),
            (sums, others) => sums.Merge(others)).Complete();
    }

    /// <param name="path">A folder of masks, or a file of answers to sentences.</param>
    public static SegmentationMetrics Masks(SegmentationDataSet data, string path)
    {
        string[] names = [.. data.Categories.Select(one => one.Name).Distinct()];
        var classes = names.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);
        using var file = Directory.Exists(path) ? null : new PredictionFile(path, data.Categories.Select(one => (one.Id, one.Name)), byQuery: true);
        var folder = file is null ? new MaskFolder(path) : null;
        return ParallelRows.Sum(Rows(), BatchSize, () => new SegmentationAccumulator(), (sums, found) =>
        {
            var (row, mask) = found;
            int width = row.Mask.Width, height = row.Mask.Height;
            var answer = file is not null ? file.Answer(row.ImageId, row.Query, width, height) : mask is null ? null : MaskFolder.Load(mask, width, height);
            sums.Add(QueryResult.Measure(classes[row.Category.Name], answer, row.Mask, new QueryEvaluationOptions().BoundaryShare));
        }, (sums, others) => sums.Merge(others)).Complete(names);

        IEnumerable<(AnnotatedQuery Row, string? Mask)> Rows()
        {
            foreach (var row in data.Read())
            {
                file?.Expect(row.ImageId, row.Query);
                yield return (row, folder?.Find(row.ImagePath, row.Query));
            }
            file?.RequireAllAsked();
            folder?.RequireAllAsked();
        }
    }

    // Rows of an image follow each other; images without any come last.
    private static IEnumerable<(DetectionImage Image, int Width, int Height)> Images(
        SegmentationDataSet data, PredictionFile file, Dictionary<string, string> names, DetectionSettings settings)
    {
        var seen = new HashSet<ImageId>();
        var rows = new List<AnnotatedQuery>();
        foreach (var row in data.Read())
        {
            if (rows.Count > 0 && row.ImageId != rows[0].ImageId)
            {
                yield return Take();
                rows.Clear();
            }
            rows.Add(row);
        }
        if (rows.Count > 0)
            yield return Take();
        foreach (var (id, width, height) in data.Images())
            if (seen.Add(id))
                yield return (Image(id, []), width, height);
        file.RequireAllAsked();

        (DetectionImage, int, int) Take() => seen.Add(rows[0].ImageId)
            ? (Image(rows[0].ImageId, rows), rows[0].Mask.Width, rows[0].Mask.Height)
            : throw new InvalidDataException($"The rows of image {rows[0].ImageId} lie apart; detections are judged image by image.");

        DetectionImage Image(ImageId id, IReadOnlyList<AnnotatedQuery> own)
        {
            if (!file.Knows(id) && settings.Protocol == DetectionProtocol.Panoptic)
                throw new InvalidDataException($"There is no prediction for image {id}; panoptic quality wants one for every image, if only an empty one.");
            return new()
            {
                Id = id,
                Row = seen.Count - 1,
                Truth = [.. own.SelectMany(row => row.Objects.Select(one => new TrueObject(names[row.Category.Id], one.Mask, one.Box)
                {
                    Area = one.Area, IsCrowd = one.Traits.HasFlag(ObjectTraits.Group), Extents = one.Placed,
                }))],
                Detections = [],
                AbsentCategories = Where(QueryTraits.Absent),
                NonExhaustiveCategories = Where(QueryTraits.NotExhaustive),
            };

            string[] Where(QueryTraits trait) => [.. own.Where(row => row.Traits.HasFlag(trait)).Select(row => names[row.Category.Id])];
        }
    }

    // Names where they tell categories apart, names with ids where they do not.
    private static Dictionary<string, string> Names(SegmentationDataSet data)
    {
        var often = data.Categories.CountBy(one => one.Name).ToDictionary();
        return data.Categories.DistinctBy(one => one.Id).ToDictionary(one => one.Id, one => often[one.Name] == 1 ? one.Name : $"{one.Name} ({one.Id})");
    }

    private static CategoryFrequency? FrequencyOf(Category category) =>
        category.Traits.HasFlag(QueryTraits.Rare) ? CategoryFrequency.Rare
        : category.Traits.HasFlag(QueryTraits.Common) ? CategoryFrequency.Common
        : category.Traits.HasFlag(QueryTraits.Frequent) ? CategoryFrequency.Frequent
        : null;
}
