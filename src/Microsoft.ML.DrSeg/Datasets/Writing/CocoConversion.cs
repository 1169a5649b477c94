namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Writes a data set of any layout as COCO's instances: the image files as they are in images/, and instances.json. Where rows are
/// sentences, these are the categories. Where a layout notes what is absent and does not mean all else by it, that is written as
/// LVIS writes it, in <c>neg_category_ids</c>, which COCO's own tools pass over.
/// </summary>
internal static class CocoConversion
{
    /// <summary>Writes the rows that a data set's options want; read it with absences, or they are lost.</summary>
    /// <param name="folder">Where to; must not exist yet, or be empty. When anything fails, it is not made.</param>
    /// <returns>How many images and annotations were written.</returns>
    public static (int Images, int Annotations) Write(SegmentationDataSet data, string folder, CancellationToken cancellation = default)
    {
        using var target = new NewFolder(folder);
        bool looksForAll = data.Layout is DataSetLayout.Coco or DataSetLayout.CocoPanoptic or DataSetLayout.CocoStuff or DataSetLayout.Yolo or DataSetLayout.Voc;
        var file = new CocoInstancesFile(writesAbsent: !looksForAll, isLvis: false);
        var categories = new Dictionary<string, int>(StringComparer.Ordinal);
        var images = new Dictionary<string, (int Place, CocoInstancesFile.Image Image)>(StringComparer.Ordinal);
        var ids = new HashSet<long>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (data.Layout is not (DataSetLayout.RefCoco or DataSetLayout.ReasonSeg))
            foreach (Category category in data.Categories)
                categories.TryAdd(category.Name, categories.Count);
        foreach (AnnotatedQuery row in data.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!categories.TryGetValue(row.Query, out int category))
                categories.Add(row.Query, category = categories.Count);
            if (!images.TryGetValue(row.ImagePath, out (int Place, CocoInstancesFile.Image Image) image))
            {
                ImageFiles.RequireSize(row.ImagePath, row.Mask.Width, row.Mask.Height);
                // Ids that are numbers stay what they are, so that predictions find their images.
                long id = long.TryParse(row.ImageId, out long own) && own >= 0 && ids.Add(own) ? own : ids.Count + 1;
                for (; id != own && !ids.Add(id); id++) { }
                string name = Path.GetFileName(row.ImagePath);
                if (!names.Add(name))
                    names.Add(name = $"{id}_{name}");
                File.Copy(row.ImagePath, target.PathOf("images", name));
                image = (file.ImageCount, new(id, name, row.Mask.Width, row.Mask.Height, new SortedSet<int>(), new SortedSet<int>()));
                images.Add(row.ImagePath, image);
                file.Add(image.Image);
            }
            if (row.Traits.HasFlag(QueryTraits.Absent))
                image.Image.Absent.Add(category);
            if (row.Traits.HasFlag(QueryTraits.NotExhaustive))
                image.Image.NotExhaustive.Add(category);
            foreach (AnnotatedObject seen in row.Objects.Where(seen => seen.Mask is not { Area: 0 }))
                file.Add(new CocoInstancesFile.Annotation(image.Place, category, seen.Mask?.Area ?? seen.Area, seen.Mask?.Box ?? seen.Box, seen.Mask?.ToCompressedRunLengths(), seen.Traits.HasFlag(ObjectTraits.Group)));
        }
        if (file.ImageCount == 0)
            throw new InvalidDataException("The data set has no row to write.");
        target.WriteJson("instances.json", json => file.Write(json, categories.Select(one => (one.Value, one.Key))));
        target.Complete();
        return (file.ImageCount, file.AnnotationCount);
    }
}
