using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// A folder of images and one of masks: files named like their image, or like it with something behind (a_mask.png), black
/// outside. Masks in sub-folders answer the query that the sub-folder is named by, so that an image may have several.
/// </summary>
internal sealed class ImageMaskFolder : SegmentationDataSet
{
    private readonly string _images;
    private readonly List<(Category Category, string Folder)> _queries = [];

    public ImageMaskFolder(string imageFolder, string maskFolder, string query = "object", DataSetOptions? options = null)
        : base(DataSetLayout.Folder, options)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        _images = ExistingFolder(Options.ImageFolder ?? imageFolder);
        if (ImageFiles.In(ExistingFolder(maskFolder)).Any(ImageFiles.IsImage))
            _queries.Add((new("1", query), maskFolder));
        foreach (string folder in ImageFiles.FoldersIn(maskFolder))
            _queries.Add((new($"{_queries.Count + 1}", Path.GetFileName(folder)), folder));
    }

    public override IReadOnlyList<Category> Categories => [.. _queries.Select(query => query.Category)];

    private protected override IEnumerable<PendingRows> Pending()
    {
        ILookup<string, string> images = ImageFiles.In(_images).Where(ImageFiles.IsImage).ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.OrdinalIgnoreCase);
        foreach (string other in ImageFiles.In(_images).Where(ImageFiles.IsOtherImage))
            Skip(new(other), new SourcePlace(other).Problem("pictures of this format are not read: save it as PNG or JPEG."));
        if (images.Count == 0)
            throw new SourcePlace(_images).Problem($"there is no picture in it{string.Concat(ImageFiles.FoldersIn(_images).Take(5).Select(folder => $", but a folder '{Path.GetFileName(folder)}'"))}. Choose a split, or name the folder of the pictures.");
        ILookup<string, string>[] masks = [.. _queries.Select(query => MasksOf(query.Folder, images))];
        foreach (string image in images.Select(image => image.Key).Order(StringComparer.Ordinal))
            for (int i = 0; i < _queries.Count; i++)
                if (Options.Wants(_queries[i].Category) && masks[i][image].ToArray() is [var first, ..] found)
                {
                    Category category = _queries[i].Category;
                    yield return new(new(first), () => [ReadRow(images[image], category, found)]);
                }
        string[] alone = [.. images.Select(image => image.Key).Where(image => masks.All(found => !found.Contains(image)))];
        if (alone.Length > 0)
            Note(new(_images), $"{alone.Length} of {images.Count} images have no mask, such as '{alone[0]}'.");
    }

    /// <summary>The masks of a folder by the image that they belong to.</summary>
    private ILookup<string, string> MasksOf(string folder, ILookup<string, string> images)
    {
        var found = new List<(string Image, string Mask)>();
        foreach (string file in ImageFiles.In(folder))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string? image = images.Contains(name) ? name
                : Enumerable.Range(1, Math.Max(0, name.Length - 1)).Reverse().Where(end => !char.IsLetterOrDigit(name[end])).Select(end => name[..end]).FirstOrDefault(images.Contains);
            if (ImageFiles.IsImage(file) && image is not null)
                found.Add((image, file));
            else if (ImageFiles.IsImage(file) || ImageFiles.IsOtherImage(file))
                Skip(new(file), new SourcePlace(file).Problem(image is null
                    ? $"it is a mask of no image in '{_images}': masks are named like their image, or like it with something behind (a_mask.png)."
                    : "masks of this format are not read: save it as PNG."));
            else
                Note(new(folder), $"files that are no pictures are passed over, such as '{Path.GetFileName(file)}'.");
        }
        return found.ToLookup(pair => pair.Image, pair => pair.Mask, StringComparer.OrdinalIgnoreCase);
    }

    private static AnnotatedQuery ReadRow(IEnumerable<string> images, Category category, string[] masks)
    {
        // Two files of one name are two formats of one picture, or two pictures: nobody knows.
        string image = images.Count() == 1 ? images.First() : throw new InvalidDataException($"several images are called like it: {string.Join(", ", images.Select(Path.GetFileName))}.");
        if (masks.Length > 1)
            throw new InvalidDataException($"{masks.Length} masks could be meant for '{Path.GetFileName(image)}': {string.Join(", ", masks.Select(Path.GetFileName).Take(5))}. Put the masks of each query into a folder of its name, one mask an image.");
        SegmentationMask mask = ImageFiles.LoadMask(masks[0]);
        ImageFiles.RequireSize(image, mask.Width, mask.Height);
        string name = Path.GetFileNameWithoutExtension(image);
        return mask.Area == 0
            ? Row(name, image, category.Name, category, mask.Width, mask.Height, [], QueryTraits.Absent)
            : Row(name, image, category.Name, category, mask.Width, mask.Height, [new($"{category.Name}/{name}", mask, mask.Box, mask.Area, ObjectTraits.None)], QueryTraits.None);
    }
}
