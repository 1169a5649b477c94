using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Writes sentences that describe instances: refs.json, and instances.json with images as <see cref="CocoInstancesWriter"/>
/// writes them. A sentence is the category's name, and asks for all its instances; groups are left to the instances.
/// </summary>
internal sealed class RefCocoWriter : CocoInstancesWriter
{
    private readonly List<(long Image, int Category, int[] Instances)> _references = [];

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories. Stuff is left out.</param>
    public RefCocoWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
    }

    private protected override void Write(WrittenImage image)
    {
        int before = InstanceCount;
        base.Write(image);
        _references.AddRange(image.Objects.Select((seen, i) => (seen.Category, Instance: before + i + 1)).GroupBy(one => one.Category, one => one.Instance)
            .Select(group => (image.Id, group.Key, group.ToArray())));
        _references.AddRange(image.Absent.Select(category => (image.Id, category, new[] { -1 })));
    }

    private protected override void WriteTables()
    {
        base.WriteTables();
        WriteJson("refs.json", json =>
        {
            json.WriteStartArray();
            foreach ((int index, var reference) in _references.Index())
            {
                json.WriteStartObject();
                json.WriteNumber("ref_id", index + 1);
                json.WriteNumber("image_id", reference.Image);
                json.WriteNumber("category_id", reference.Category + 1);
                json.WriteArray("ann_id", reference.Instances, (to, id) => to.WriteNumberValue(id));
                json.WriteString("split", "train");
                json.WriteArray("sentences", new[] { Categories[reference.Category].Name }, (to, sentence) =>
                {
                    to.WriteStartObject();
                    to.WriteString("sent", sentence);
                    to.WriteEndObject();
                });
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
