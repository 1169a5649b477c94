using System.Text;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>What a JSON file holds, by words that occur in one format alone. Fields may be far apart, so both ends are read.</summary>
/// <param name="Layout">The layout; null where it is none that is read.</param>
/// <param name="What">What it seems to be, as a sentence.</param>
/// <param name="HasKeypoints">Whether it is COCO's format with people's joints.</param>
internal readonly record struct JsonGlance(DataSetLayout? Layout, string What, bool HasKeypoints = false)
{
    private const int Glance = 1 << 20;

    public static JsonGlance At(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] ends = new byte[(int)Math.Min(stream.Length, 2 * Glance)];
        int head = Math.Min(ends.Length, Glance);
        stream.ReadExactly(ends, 0, head);
        stream.Seek(head - ends.Length, SeekOrigin.End);
        stream.ReadExactly(ends, head, ends.Length - head);
        return Of(Encoding.Latin1.GetString(ends).Replace("\0", "", StringComparison.Ordinal)); // UTF-16 is told when the file is read
    }

    private static JsonGlance Of(string text)
    {
        bool Has(params string[] fields) => fields.Any(field => text.Contains($"\"{field}\"", StringComparison.Ordinal));
        bool isArray = text.AsSpan().TrimStart("\u00EF\u00BB\u00BF\u00FF\u00FE \t\r\n").StartsWith("[");
        return isArray && Has("polygonlabels", "brushlabels", "rectanglelabels", "ellipselabels") ? new(DataSetLayout.LabelStudio, "tasks of Label Studio")
            : isArray && Has("score") && Has("image_id") ? new(null, "it holds detections, which are evaluated against a data set.")
            : Has("sentences") ? new(DataSetLayout.RefCoco, "sentences")
            : Has("shapes") && Has("is_sentence") ? new(DataSetLayout.ReasonSeg, "sentences and shapes")
            : Has("shapes") && Has("imagePath") ? new(DataSetLayout.Labelme, "shapes of labelme")
            : Has("segments_info") || Has("isthing") ? new(DataSetLayout.CocoPanoptic, "segments")
            : Has("neg_category_ids") || Has("frequency") ? new(DataSetLayout.Lvis, "instances of LVIS")
            : Has("caption") && !Has("segmentation", "bbox") ? new(null, "it holds captions and no instances.")
            : Has("classTitle") ? new(null, "it is in Supervisely's format. Export the project as COCO.")
            : Has("_via_settings", "_via_img_metadata", "shape_attributes") ? new(null, "it is in the format of VGG Image Annotator. Export it as COCO.")
            : !isArray && Has("images", "annotations") ? new(DataSetLayout.Coco, "instances", HasKeypoints: Has("num_keypoints", "keypoints"))
            : new(null, "it is in no format of annotations that is read.");
    }
}
