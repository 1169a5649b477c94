using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Writes COCO's instances or LVIS v1: images/*.png and instances.json, masks as compressed run lengths, groups as crowds.
/// In LVIS, which knows no crowds, the category of a group is marked as incomplete for its image instead. So is, in both, a
/// category with objects that have no mask: without the mark, COCO's would count as absent.
/// </summary>
internal class CocoInstancesWriter : DataSetWriter
{
    private readonly bool _lvis;
    private readonly CocoInstancesFile _file;

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; the ids are 1, 2, 3 and so on. Stuff is left out.</param>
    /// <param name="lvis">Whether to write LVIS's fields too.</param>
    public CocoInstancesWriter(string folder, IReadOnlyList<WrittenCategory> categories, bool lvis = false)
        : base(folder, categories) => (_lvis, _file) = (lvis, new(writesAbsent: lvis, isLvis: lvis));

    /// <summary>How many instances were written; their ids are 1 to this number.</summary>
    private protected int InstanceCount => _file.AnnotationCount;

    private protected override void Write(WrittenImage image)
    {
        string file = NameOf(image.Id) + ".png";
        image.Image.Save(PathOf("images", file));
        foreach (WrittenObject seen in image.Objects)
            _file.Add(new CocoInstancesFile.Annotation(_file.ImageCount, seen.Category, seen.Mask.Area, seen.Mask.Box, seen.Mask.ToCompressedRunLengths(), seen.Traits.HasFlag(ObjectTraits.Group)));
        IEnumerable<int> groups = image.Objects.Where(seen => _lvis && seen.Traits.HasFlag(ObjectTraits.Group)).Select(seen => seen.Category);
        _file.Add(new CocoInstancesFile.Image(image.Id, file, image.Image.Width, image.Image.Height, [.. image.Absent], [.. groups.Concat(image.Unmasked).Distinct()]));
    }

    private protected override void WriteTables() => WriteJson("instances.json", json =>
        _file.Write(json, Categories.Index().Where(one => !one.Item.IsStuff).Select(one => (one.Index, one.Item.Name))));
}
