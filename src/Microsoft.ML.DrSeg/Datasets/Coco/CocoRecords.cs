using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>An image of a file of COCO's family.</summary>
/// <param name="File">Its path.</param>
/// <param name="Absent">LVIS: ids of categories that were looked for and are not there.</param>
/// <param name="NotExhaustive">Ids of categories of which there may be more than is annotated.</param>
internal sealed record CocoImage(string Id, string File, int Width, int Height, string[] Absent, string[] NotExhaustive)
{
    /// <summary>Reads a record. A size that is not written (VIA writes -1) is that of the image.</summary>
    public static CocoImage Read(JsonElement record, ImageLocator images)
    {
        string file = images.Find(FileOf(record));
        long width = SideOf(record, "width"), height = SideOf(record, "height");
        if ((width, height) is (-1, -1) or (0, 0))
            (width, height) = ImageFiles.SizeOf(file);
        if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue || width * height > SegmentationMask.MostPixels)
            throw new InvalidDataException($"the image's size of {width} x {height} is not that of an image.");
        return new(record.Field("id").Id("id"), file, (int)width, (int)height, Ids(record, "neg_category_ids"), Ids(record, "not_exhaustive_category_ids"));
    }

    private static long SideOf(JsonElement record, string side) => record.FieldOrNull(side)?.Whole(side) ?? -1;

    // LVIS names no files but the addresses of COCO's, which end in the split's folder and the file.
    private static string FileOf(JsonElement record) => record.FieldOrNull("file_name") is { } name
        ? name.Text("file_name")
        : string.Join('/', record.TextOf("coco_url").Split('/').TakeLast(2));

    private static string[] Ids(JsonElement record, string field) =>
        record.FieldOrNull(field) is { } ids ? [.. ids.Items(field).Select(id => id.Id(field))] : [];
}

/// <summary>The segmentation of an instance in COCO's format: polygons, run lengths as numbers, or compressed ones.</summary>
internal static class CocoInstance
{
    private const int FewestCoordinates = 6;

    /// <summary>Reads the record of an instance.</summary>
    /// <param name="note">Told what was passed over.</param>
    public static AnnotatedObject Read(JsonElement record, int width, int height, Action<string> note) => Read(record, ReadMask(record, width, height, note));

    /// <summary>The object whose mask is known; what else the record leaves out is the mask's own.</summary>
    public static AnnotatedObject Read(JsonElement record, SegmentationMask? mask)
    {
        PlacedBox box = record.FieldOrNull("bbox") is { } corners && !IsEmpty(corners) ? ReadBox(corners)
            : mask?.Box ?? throw new InvalidDataException("it has neither a segmentation nor a bbox.");
        double area = record.FieldOrNull("area")?.Number("area") ?? mask?.Area ?? box.Area;
        return new(record.Field("id").Id("id"), mask, (BoundingBox)box, area, record.Flag("iscrowd") ? ObjectTraits.Group : ObjectTraits.None) { Placed = box };
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    /// <summary>Null where there is no segmentation.</summary>
    /// <param name="note">Told what is passed over; null for nobody.</param>
    public static SegmentationMask? ReadMask(JsonElement record, int width, int height, Action<string>? note = null)
    {
        if (record.FieldOrNull("segmentation") is not { } segmentation || IsEmpty(segmentation))
            return null;
        if (segmentation.ValueKind == JsonValueKind.Array)
        {
            // One polygon is also written without the list around it.
            double[][] polygons = segmentation[0].ValueKind == JsonValueKind.Number
                ? [segmentation.Numbers("segmentation")]
                : [.. segmentation.EnumerateArray().Select(polygon => polygon.Numbers("segmentation"))];
            double[][] outlines = Array.FindAll(polygons, polygon => polygon.Length >= FewestCoordinates);
            // What a stray click leaves is no outline; where there is nothing else, it is an error.
            if (outlines.Length > 0 && outlines.Length < polygons.Length)
                note?.Invoke($"{polygons.Length - outlines.Length} of {polygons.Length} polygons have fewer than three corners and are passed over.");
            return SegmentationMask.FromPolygons(outlines.Length > 0 ? outlines : polygons, width, height);
        }

        long[] size = [.. segmentation.ItemsOf("size").Select(side => side.Whole("size"))];
        if (!size.AsSpan().SequenceEqual([(long)height, width]))
            throw new InvalidDataException($"the size of the segmentation is [{string.Join(", ", size)}], that of the image [{height}, {width}] (rows, columns).");
        JsonElement counts = segmentation.Field("counts");
        return counts.ValueKind == JsonValueKind.String
            ? SegmentationMask.FromCompressedRunLengths(counts.GetString()!, width, height)
            : SegmentationMask.FromRunLengths([.. counts.Items("counts").Select(run => checked((int)run.Whole("counts")))], width, height);
    }

    public static PlacedBox ReadBox(JsonElement corners)
    {
        double[] box = corners.Numbers("bbox");
        if (box.Length != 4 || box[2] < 0 || box[3] < 0)
            throw new InvalidDataException($"the bbox [{string.Join(", ", box)}] is not x, y, width, height, the last two at least 0.");
        return new(box[0], box[1], box[2], box[3]);
    }
}
