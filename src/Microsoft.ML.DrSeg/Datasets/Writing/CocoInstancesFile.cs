using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// What a file of COCO's instances says, to be written at the end: images and annotations by place, categories by number. Ids are
/// places plus 1; masks are compressed run lengths.
/// </summary>
/// <param name="writesAbsent">Whether images list which categories are not in them, as LVIS's do; otherwise all that have no annotation are not.</param>
/// <param name="isLvis">Whether categories have LVIS's frequencies, and annotations no crowds.</param>
internal sealed class CocoInstancesFile(bool writesAbsent, bool isLvis)
{
    private readonly List<Image> _images = [];
    private readonly List<Annotation> _annotations = [];

    /// <param name="Absent">Categories that are not there.</param>
    /// <param name="NotExhaustive">Categories of which there may be more than is annotated.</param>
    public sealed record Image(long Id, string File, int Width, int Height, ICollection<int> Absent, ICollection<int> NotExhaustive);

    /// <param name="Image">The place of the image.</param>
    /// <param name="Counts">The mask as run lengths; null where there is only the box.</param>
    public readonly record struct Annotation(int Image, int Category, double Area, BoundingBox Box, string? Counts, bool IsGroup);

    /// <summary>How many annotations there are; their ids are 1 to this number.</summary>
    public int AnnotationCount => _annotations.Count;

    public int ImageCount => _images.Count;

    public void Add(Image image) => _images.Add(image);

    public void Add(Annotation annotation) => _annotations.Add(annotation);

    public void Write(Utf8JsonWriter json, IEnumerable<(int Index, string Name)> categories)
    {
        json.WriteStartObject();
        json.WriteArray("images", _images, Write);
        json.WriteArray("annotations", _annotations.Index(), Write);
        json.WriteArray("categories", categories, Write);
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, Image image)
    {
        json.WriteStartObject();
        json.WriteImage(image.Id, image.File, image.Width, image.Height);
        if (writesAbsent)
            json.WriteArray("neg_category_ids", image.Absent, (to, category) => to.WriteNumberValue(category + 1));
        // A field of LVIS, which COCO's own tools pass over.
        if (writesAbsent || image.NotExhaustive.Count > 0)
            json.WriteArray("not_exhaustive_category_ids", image.NotExhaustive, (to, category) => to.WriteNumberValue(category + 1));
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, (int Index, Annotation Item) one)
    {
        (int index, Annotation annotation) = one;
        Image image = _images[annotation.Image];
        json.WriteStartObject();
        json.WriteNumber("id", index + 1);
        json.WriteNumber("image_id", image.Id);
        json.WriteNumber("category_id", annotation.Category + 1);
        if (annotation.Counts is { } counts)
        {
            json.WriteStartObject("segmentation");
            json.WriteNumbers("size", image.Height, image.Width);
            json.WriteString("counts", counts);
            json.WriteEndObject();
        }
        json.WriteNumber("area", annotation.Area);
        json.WriteBox(annotation.Box);
        if (!isLvis)
            json.WriteNumber("iscrowd", annotation.IsGroup ? 1 : 0);
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, (int Index, string Name) category)
    {
        json.WriteStartObject();
        json.WriteNumber("id", category.Index + 1);
        json.WriteString("name", category.Name);
        if (isLvis)
        {
            int images = _annotations.Where(annotation => annotation.Category == category.Index).Select(annotation => annotation.Image).Distinct().Count();
            json.WriteString("frequency", images <= 10 ? "r" : images <= 100 ? "c" : "f");
            json.WriteNumber("image_count", images);
            json.WriteNumber("instance_count", _annotations.Count(annotation => annotation.Category == category.Index));
        }
        json.WriteEndObject();
    }
}
