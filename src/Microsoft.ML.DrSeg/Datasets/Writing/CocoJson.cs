using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Parts that the JSON files of COCO's family share.</summary>
internal static class CocoJson
{
    public static void WriteArray<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
            write(json, item);
        json.WriteEndArray();
    }

    public static void WriteNumbers(this Utf8JsonWriter json, string name, params ReadOnlySpan<float> values)
    {
        json.WriteStartArray(name);
        foreach (float value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    public static void WriteBox(this Utf8JsonWriter json, BoundingBox box) => json.WriteNumbers("bbox", box.X0, box.Y0, box.Width, box.Height);

    /// <summary>The fields of an image that all files have, within an object.</summary>
    public static void WriteImage(this Utf8JsonWriter json, long id, string file, int width, int height)
    {
        json.WriteNumber("id", id);
        json.WriteString("file_name", file);
        json.WriteNumber("width", width);
        json.WriteNumber("height", height);
    }
}
