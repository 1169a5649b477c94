using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>An image of a file of COCO's family.</summary>
/// <param name="File">Its name, relative to the folder of images.</param>
/// <param name="Absent">LVIS: ids of categories that were looked for and are not there.</param>
/// <param name="NotExhaustive">Ids of categories of which there may be more than is annotated.</param>
internal sealed record CocoImage(string Id, string File, int Width, int Height, long[] Absent, long[] NotExhaustive)
{
    public static CocoImage Read(JsonElement record)
    {
        long width = record.WholeOf("width"), height = record.WholeOf("height");
        if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue || width * height > SegmentationMask.MostPixels)
            throw new InvalidDataException($"the image's size of {width} x {height} is not that of an image.");
        return new(record.WholeOf("id").ToString(CultureInfo.InvariantCulture), FileOf(record), (int)width, (int)height,
            Ids(record, "neg_category_ids"), Ids(record, "not_exhaustive_category_ids"));
    }

    // LVIS names no files but the addresses of COCO's, which end in the split's folder and the file.
    private static string FileOf(JsonElement record) => record.FieldOrNull("file_name") is { } name
        ? name.Text("file_name")
        : string.Join('/', record.TextOf("coco_url").Split('/')[^2..]);

    private static long[] Ids(JsonElement record, string field) =>
        record.FieldOrNull(field) is { } ids ? [.. ids.Items(field).Select(id => id.Whole(field))] : [];
}

/// <summary>The segmentation of an instance in COCO's format: polygons, run lengths as numbers, or compressed ones.</summary>
internal static class CocoInstance
{
    public static AnnotatedObject Read(JsonElement record, int width, int height) => Read(record, ReadMask(record, width, height));

    /// <summary>The object whose mask is known; what else the record leaves out is the mask's own.</summary>
    public static AnnotatedObject Read(JsonElement record, SegmentationMask? mask)
    {
        PlacedBox box = record.FieldOrNull("bbox") is { } corners ? ReadBox(corners) : mask?.Box ?? throw new InvalidDataException("it has neither a segmentation nor a bbox.");
        double area = record.FieldOrNull("area")?.Number("area") ?? mask?.Area ?? box.Area;
        return new(record.WholeOf("id").ToString(CultureInfo.InvariantCulture), mask, (BoundingBox)box, area, record.Flag("iscrowd") ? ObjectTraits.Group : ObjectTraits.None) { Placed = box };
    }

    /// <summary>Null where there is no segmentation.</summary>
    public static SegmentationMask? ReadMask(JsonElement record, int width, int height)
    {
        if (record.FieldOrNull("segmentation") is not { } segmentation)
            return null;
        if (segmentation.ValueKind == JsonValueKind.Array)
            return segmentation.GetArrayLength() == 0
                ? null
                : SegmentationMask.FromPolygons(segmentation.EnumerateArray().Select(polygon => polygon.Numbers("segmentation")), width, height);

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
