using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>Writes predictions as COCO's tools take them, and <see cref="PredictionFile"/> reads them: masks as compressed run lengths.</summary>
internal sealed class PredictionWriter : IDisposable
{
    private readonly Utf8JsonWriter _json;

    public PredictionWriter(Stream stream)
    {
        _json = new(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.WriteStartArray();
    }

    /// <param name="query">The sentence that is answered; null where the category says it all.</param>
    public void Write(ImageId image, ImageId category, string? query, double score, SegmentationMask? mask, PlacedBox box)
    {
        Begin(image, category, query);
        _json.WriteNumber("score", score);
        _json.WriteStartArray("bbox");
        foreach (var side in new[] { box.X, box.Y, box.Width, box.Height })
            _json.WriteNumberValue(side);
        _json.WriteEndArray();
        if (mask is not null)
        {
            _json.WriteStartObject("segmentation");
            _json.WriteStartArray("size");
            _json.WriteNumberValue(mask.Height);
            _json.WriteNumberValue(mask.Width);
            _json.WriteEndArray();
            _json.WriteString("counts", mask.ToCompressedRunLengths());
            _json.WriteEndObject();
        }
        _json.WriteEndObject();
    }

    /// <summary>Writes down that an answer failed, which is another thing than finding nothing.</summary>
    public void WriteFailure(ImageId image, ImageId category, string query)
    {
        Begin(image, category, query);
        _json.WriteBoolean("failed", true);
        _json.WriteEndObject();
    }

    public void Dispose()
    {
        _json.WriteEndArray();
        _json.Dispose();
    }

    private void Begin(ImageId image, ImageId category, string? query)
    {
        _json.WriteStartObject();
        WriteId("image_id", image);
        WriteId("category_id", category);
        if (query is not null)
            _json.WriteString("query", query);
    }

    // Ids that are numbers are numbers, which is what the tools compare them with.
    private void WriteId(string name, ImageId id)
    {
        var text = id.ToString();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text)
            _json.WriteNumber(name, number);
        else
            _json.WriteString(name, text);
    }
}
