using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Writes images/*.png and, in a folder of masks for every category, masks of the same names. Instances are not told apart; masks of absent categories are empty.</summary>
internal sealed class ImageMaskFolderWriter : DataSetWriter
{
    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories, which name folders. Stuff is left out.</param>
    public ImageMaskFolderWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
    }

    private protected override void Write(WrittenImage image)
    {
        (int width, int height) = (image.Image.Width, image.Image.Height);
        string file = NameOf(image.Id) + ".png";
        image.Image.Save(PathOf("images", file));
        foreach (IGrouping<int, SegmentationMask> masks in image.Objects.GroupBy(seen => seen.Category, seen => seen.Mask))
            SegmentationMask.Union(masks, width, height).SavePng(PathOf("masks", Categories[masks.Key].Name, file));
        foreach (int category in image.Absent)
            SegmentationMask.Empty(width, height).SavePng(PathOf("masks", Categories[category].Name, file));
    }

    private protected override void WriteTables()
    {
    }
}
