using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// A folder of images and one of masks: PNGs named like their image, black outside. Masks in sub-folders answer the query
/// that the sub-folder is named by, so that an image may have several.
/// </summary>
internal sealed class ImageMaskFolder : SegmentationDataSet
{
    private readonly DataFolder _images, _masks;
    private readonly List<(Category Category, string Folder)> _queries = [];

    public ImageMaskFolder(string imageFolder, string maskFolder, string query = "object", DataSetOptions? options = null)
        : base(DataSetLayout.Folder, options)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        (_images, _masks) = (new(imageFolder), new(maskFolder));
        foreach (DataFolder folder in (DataFolder[])[_images, _masks])
            if (!Directory.Exists(folder.FullPath))
                throw new DirectoryNotFoundException($"There is no folder '{folder.FullPath}'.");
        if (Directory.EnumerateFiles(_masks.FullPath, "*.png").Any())
            _queries.Add((new("1", query), _masks.FullPath));
        foreach (string folder in Directory.EnumerateDirectories(_masks.FullPath).Order(StringComparer.Ordinal))
            _queries.Add((new($"{_queries.Count + 1}", Path.GetFileName(folder)), folder));
    }

    public override IReadOnlyList<Category> Categories => [.. _queries.Select(query => query.Category)];

    private protected override IEnumerable<PendingRows> Pending()
    {
        foreach (string name in Directory.EnumerateFiles(_images.FullPath).Where(ImageFiles.IsImage).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!)
            foreach ((Category category, string folder) in _queries)
                if (Options.Wants(category) && Path.Combine(folder, name + ".png") is var mask && File.Exists(mask))
                    yield return new(new(mask), () => [ReadRow(name!, category, mask)]);
    }

    private AnnotatedQuery ReadRow(string name, Category category, string path)
    {
        string image = ImageFiles.Find(_images, name);
        var mask = SegmentationMask.LoadPng(path);
        if (ImageFiles.SizeOf(image) is var size && size != (mask.Width, mask.Height))
            throw new InvalidDataException($"it is {mask.Width} x {mask.Height} pixels, but its image '{image}' {size.Width} x {size.Height}.");
        return mask.Area == 0
            ? Row(name, image, category.Name, category, mask.Width, mask.Height, [], QueryTraits.Absent)
            : Row(name, image, category.Name, category, mask.Width, mask.Height, [new($"{category.Name}/{name}", mask, mask.Box, mask.Area, ObjectTraits.None)], QueryTraits.None);
    }
}
