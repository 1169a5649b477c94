using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>An image with everything that is known about it, to be written in any layout.</summary>
/// <param name="Id">Its number, 0 or more; files are named by it.</param>
/// <param name="Image">Its pixels.</param>
/// <param name="Objects">Things with their masks; empty masks are left out.</param>
/// <param name="Stuff">Uncountable regions, which layouts of instances leave out. Neither covers the other: no pixel is of two objects, or of an object and stuff.</param>
/// <param name="Absent">Places of categories that are not to be seen, for layouts that note verified absence.</param>
internal sealed record WrittenImage(
    long Id, RgbImage Image, IReadOnlyList<WrittenObject> Objects, IReadOnlyList<WrittenObject> Stuff, IReadOnlyList<int> Absent)
{
    /// <summary>Places of categories that are to be seen, some or all of their objects without a mask: neither absent nor complete.</summary>
    public IReadOnlyList<int> Unmasked { get; init; } = [];
}

/// <summary>An object or region of a <see cref="WrittenImage"/>.</summary>
/// <param name="Category">The place of its category, from 0.</param>
/// <param name="Mask">Its pixels, of the image's size.</param>
/// <param name="Traits">What else is known; layouts keep what they have a field for.</param>
internal sealed record WrittenObject(int Category, SegmentationMask Mask, ObjectTraits Traits = ObjectTraits.None);

/// <summary>
/// Writes a data set into a <see cref="NewFolder"/>: the wanted folder is either whole or not there. Disposing without completing,
/// after a full disk for one, removes all of it.
/// </summary>
internal abstract class DataSetWriter : IDisposable
{
    private readonly NewFolder _folder;
    private readonly HashSet<long> _ids = [];

    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories, and whether they are stuff; ids are the layout's.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    private protected DataSetWriter(string folder, IReadOnlyList<WrittenCategory> categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        _folder = new(folder);
        Categories = categories;
    }

    /// <summary>A writer of a layout.</summary>
    /// <param name="layout">Which layout.</param>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories, and whether they are stuff.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    public static DataSetWriter Create(DataSetLayout layout, string folder, IReadOnlyList<WrittenCategory> categories) => layout switch
    {
        DataSetLayout.Coco => new CocoInstancesWriter(folder, categories, lvis: false),
        DataSetLayout.Lvis => new CocoInstancesWriter(folder, categories, lvis: true),
        DataSetLayout.CocoPanoptic => new CocoPanopticWriter(folder, categories),
        DataSetLayout.CocoStuff => new CocoStuffWriter(folder, categories),
        DataSetLayout.OpenImages => new OpenImagesWriter(folder, categories),
        DataSetLayout.RefCoco => new RefCocoWriter(folder, categories),
        DataSetLayout.ReasonSeg => new ReasonSegWriter(folder, categories),
        DataSetLayout.Folder => new ImageMaskFolderWriter(folder, categories),
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "There is no such layout."),
    };

    /// <summary>The categories, in the order of their places.</summary>
    public IReadOnlyList<WrittenCategory> Categories { get; }

    /// <summary>Adds an image.</summary>
    /// <exception cref="ArgumentException">A mask has another size than the image, or there is no such category, or the id was used before.</exception>
    public void Add(WrittenImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(image.Id);
        foreach (WrittenObject seen in image.Objects.Concat(image.Stuff))
        {
            if (seen.Mask.Width != image.Image.Width || seen.Mask.Height != image.Image.Height)
                throw new ArgumentException($"Image {image.Id} is {image.Image.Width} x {image.Image.Height} pixels, but the mask of an object ({seen.Category}) is {seen.Mask.Width} x {seen.Mask.Height}.", nameof(image));
            Check(seen.Category, image.Id);
        }
        foreach (int category in image.Absent.Concat(image.Unmasked))
            Check(category, image.Id);
        if (!_ids.Add(image.Id))
            throw new ArgumentException($"There is an image {image.Id} already.", nameof(image));
        Write(image with { Objects = [.. image.Objects.Where(seen => seen.Mask.Area > 0)], Stuff = [.. image.Stuff.Where(seen => seen.Mask.Area > 0)] });
    }

    /// <summary>Writes what describes all images and gives the folder its name.</summary>
    public void Complete()
    {
        WriteTables();
        _folder.Complete();
    }

    /// <summary>Removes what is not complete.</summary>
    public void Dispose()
    {
        Close();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes files that were kept open; may be called again.</summary>
    protected virtual void Close()
    {
    }

    /// <summary>Writes an image whose parts were checked.</summary>
    private protected abstract void Write(WrittenImage image);

    /// <summary>Writes what describes all images.</summary>
    private protected abstract void WriteTables();

    /// <summary>The path of a file to write; its folder is made.</summary>
    private protected string PathOf(params ReadOnlySpan<string> parts) => _folder.PathOf(parts);

    /// <inheritdoc cref="NewFolder.WriteJson"/>
    private protected void WriteJson(string name, Action<Utf8JsonWriter> write) => _folder.WriteJson(name, write);

    /// <summary>What files of an image are named by.</summary>
    private protected static string NameOf(long id) => id.ToString("D12", CultureInfo.InvariantCulture);

    private void Check(int category, long image)
    {
        if (category < 0 || category >= Categories.Count)
            throw new ArgumentException($"Image {image}: there is no category {category}; {Categories.Count} were given.", nameof(category));
    }
}

/// <summary>A category to be written.</summary>
/// <param name="Name">In words.</param>
/// <param name="IsStuff">Whether it is uncountable.</param>
internal sealed record WrittenCategory(string Name, bool IsStuff = false);
