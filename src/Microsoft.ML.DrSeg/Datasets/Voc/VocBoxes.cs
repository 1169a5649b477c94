using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>An object of VOC's XML files: its class, its box and what else is said of it.</summary>
internal readonly record struct VocBox(string Name, BoundingBox Box, ObjectTraits Traits)
{
    private const int MostCharacters = 1 << 26, MostDepth = 64;

    /// <summary>Reads a file. Documents with a definition of their own, which can grow without end, are refused.</summary>
    public static List<VocBox> Read(string file)
    {
        try
        {
            // A tree of elements takes the square of its depth to build.
            using (XmlReader glance = Open(file))
                while (glance.Read())
                    if (glance.Depth > MostDepth)
                        throw new InvalidDataException($"its elements are nested more than {MostDepth} deep.");
            using XmlReader reader = Open(file);
            return [.. (XDocument.Load(reader).Root?.Elements("object") ?? []).Select(Of)];
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw new SourcePlace(file).Problem(error);
        }
    }

    private static XmlReader Open(string file) => XmlReader.Create(file, new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostCharacters });

    private static VocBox Of(XElement seen)
    {
        XElement box = Child(seen, "bndbox");
        // Columns and rows count from 1, the last ones belong to the box (VOC2012 development kit, section 8).
        var found = new BoundingBox(Side(box, "xmin") - 1, Side(box, "ymin") - 1, Side(box, "xmax"), Side(box, "ymax"));
        if (found.IsEmpty)
            throw new InvalidDataException($"the box {found.X0 + 1} {found.Y0 + 1} {found.X1} {found.Y1} has a side below 1.");
        ObjectTraits Trait(string name, ObjectTraits trait) => seen.Element(name)?.Value.Trim() is "1" or "true" or "True" ? trait : ObjectTraits.None;
        return new(Child(seen, "name").Value.Trim(), found, Trait("occluded", ObjectTraits.Occluded) | Trait("truncated", ObjectTraits.Truncated));
    }

    private static XElement Child(XElement element, string name) => element.Element(name) ?? throw new InvalidDataException($"an element <{element.Name}> has no <{name}>.");

    private static float Side(XElement box, string name) =>
        float.TryParse(Child(box, name).Value, NumberStyles.Float, CultureInfo.InvariantCulture, out float side) && float.IsFinite(side)
            ? side
            : throw new InvalidDataException($"<{name}> must be a number, not '{Child(box, name).Value}'.");
}
