using System.Globalization;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Writes COCO-Stuff's stuffthingmaps: images/*.png, stuffthingmaps/*.png with category ids minus 1, and labels.txt. Instances are not told apart.</summary>
internal sealed class CocoStuffWriter : DataSetWriter
{
    private const int Unlabelled = 255, FirstStuff = 92;
    private readonly int[] _ids;

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; things get the ids 1 to 91, stuff those from 92, as in COCO-Stuff.</param>
    /// <exception cref="ArgumentException">More categories than a byte can tell apart.</exception>
    public CocoStuffWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
        int thing = 1, stuff = FirstStuff;
        _ids = [.. categories.Select(category => category.IsStuff ? stuff++ : thing++)];
        if (thing > FirstStuff || stuff > Unlabelled)
            throw new ArgumentException($"COCO-Stuff has room for {FirstStuff - 1} things and {Unlabelled - FirstStuff} kinds of stuff, not for {thing - 1} and {stuff - FirstStuff}.", nameof(categories));
    }

    private protected override void Write(WrittenImage image)
    {
        string file = NameOf(image.Id) + ".png";
        image.Image.Save(PathOf("images", file));
        LabelMap.FromMasks(image.Objects.Concat(image.Stuff).Select(seen => (_ids[seen.Category] - 1, seen.Mask)), Unlabelled, image.Image.Width, image.Image.Height)
            .SaveGreyPng(PathOf("stuffthingmaps", file));
    }

    private protected override void WriteTables() => File.WriteAllLines(PathOf("labels.txt"), Categories.Select((category, i) =>
        string.Create(CultureInfo.InvariantCulture, $"{_ids[i]}: {category.Name}")));
}
