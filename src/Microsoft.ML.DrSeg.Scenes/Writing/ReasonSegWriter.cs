using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Writes ReasonSeg's layout: for every category of an image a copy of the image and a JSON file with its name as the
/// sentence and its objects as outlined targets.
/// </summary>
internal sealed class ReasonSegWriter : DataSetWriter
{
    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories. Stuff is left out.</param>
    public ReasonSegWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
    }

    private protected override void Write(WrittenImage image)
    {
        foreach (IGrouping<int, WrittenObject> objects in image.Objects.GroupBy(seen => seen.Category))
            Write(image, objects.Key, objects);
        foreach (int category in image.Absent)
            Write(image, category, []);
    }

    private protected override void WriteTables()
    {
    }

    private void Write(WrittenImage image, int category, IEnumerable<WrittenObject> objects)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{NameOf(image.Id)}_{category}");
        image.Image.Save(PathOf(name + ".png"));
        WriteJson(name + ".json", json =>
        {
            json.WriteStartObject();
            json.WriteArray("text", new[] { Categories[category].Name }, (to, text) => to.WriteStringValue(text));
            json.WriteBoolean("is_sentence", false);
            json.WriteArray("shapes", objects, (to, seen) =>
            {
                to.WriteStartObject();
                to.WriteString("label", "target");
                to.WriteString("shape_type", "polygon");
                to.WriteArray("points", seen.Mask.ToPolygon(), WritePoint);
                to.WriteEndObject();
            });
            json.WriteEndObject();
        });
    }

    private static void WritePoint(Utf8JsonWriter json, (int X, int Y) point)
    {
        json.WriteStartArray();
        json.WriteNumberValue(point.X);
        json.WriteNumberValue(point.Y);
        json.WriteEndArray();
    }
}
