using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// COCO's instances and LVIS v1: one JSON file with images, annotations (polygons, run lengths, crowds) and categories.
/// One row for every category of an image. With <see cref="DataSetOptions.IncludeAbsent"/> also for the categories that are
/// not in it: in COCO, where every category was looked for in every image, all that have no annotation there and are not
/// marked as incomplete.
/// </summary>
internal sealed class CocoInstances : SegmentationDataSet
{
    private readonly string _path;
    private readonly ImageLocator _images;
    private readonly Lazy<CocoIndex> _index;

    /// <param name="lvis">Whether it is LVIS: crowds do not occur, absences and incomplete categories do.</param>
    public CocoInstances(string annotationFile, ImageLocator images, DataSetOptions? options = null, bool lvis = false)
        : base(lvis ? DataSetLayout.Lvis : DataSetLayout.Coco, options)
    {
        _path = Existing(annotationFile);
        _images = ImagesOr(images);
        _index = new(() => new CocoIndex(_path, instances: true, this));
    }

    public override IReadOnlyList<Category> Categories => _index.Value.Categories;

    internal override IEnumerable<(string Id, int Width, int Height)> Images()
    {
        CocoIndex index = _index.Value;
        using SafeFileHandle file = index.Open();
        for (int i = 0; i < index.ImageCount; i++)
            if (ReadImage(index, file, i) is { } image)
                yield return (image.Id, image.Width, image.Height);
    }

    private protected override IEnumerable<PendingRows> Pending()
    {
        CocoIndex index = _index.Value;
        using SafeFileHandle file = index.Open();
        for (int i = 0; i < index.ImageCount; i++)
        {
            if (index.IsDamaged(i) || ReadImage(index, file, i) is not { } image)
                continue;
            IGrouping<Category, RecordPlace>[] present = [.. index.AnnotationsOf(i)];
            foreach (IGrouping<Category, RecordPlace> annotations in present)
                if (Options.Wants(annotations.Key))
                    yield return new(index.PlaceOf(annotations.First()), () => [ReadRow(index, file, image, annotations)]);
            if (!Options.IncludeAbsent)
                continue;
            SourcePlace record = index.PlaceOf(index.ImageRecord(i));
            if (Layout == DataSetLayout.Lvis)
                foreach (string id in image.Absent)
                    yield return new(record, () => [Absent(image, index.CategoryOf(id))]);
            else
                foreach (Category category in index.Categories.Except(present.Select(annotations => annotations.Key)).Where(Options.Wants).Where(category => !MayBeMore(image, category)))
                    yield return new(record, () => [Absent(image, category)]);
        }
    }

    private static AnnotatedQuery Absent(CocoImage image, Category category) =>
        Row(image.Id, image.File, category.Name, category, image.Width, image.Height, [], QueryTraits.Absent);

    private CocoImage? ReadImage(CocoIndex index, SafeFileHandle file, int place)
    {
        RecordPlace record = index.ImageRecord(place);
        try
        {
            using JsonDocument json = JsonRecordFile.Read(file, record);
            return CocoImage.Read(json.RootElement, _images);
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            Skip(index.PlaceOf(record), index.PlaceOf(record).Problem(error));
            return null;
        }
    }

    private AnnotatedQuery ReadRow(CocoIndex index, SafeFileHandle file, CocoImage image, IGrouping<Category, RecordPlace> annotations)
    {
        var objects = new List<AnnotatedObject>();
        foreach (RecordPlace place in annotations)
        {
            try
            {
                using JsonDocument json = JsonRecordFile.Read(file, place);
                objects.Add(CocoInstance.Read(json.RootElement, image.Width, image.Height, note => Note(index.PlaceOf(place), note)));
            }
            catch (Exception error) when (SourcePlace.IsDataProblem(error))
            {
                throw new InvalidDataException($"annotation at byte {place.Offset}: {error.Message}", error);
            }
        }
        QueryTraits traits = MayBeMore(image, annotations.Key) ? QueryTraits.NotExhaustive : QueryTraits.None;
        return Row(image.Id, image.File, annotations.Key.Name, annotations.Key, image.Width, image.Height, objects, traits);
    }

    private static bool MayBeMore(CocoImage image, Category category) =>
        image.NotExhaustive.Contains(category.Id);
}
