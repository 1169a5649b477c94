using System.Text;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class OpenImagesTests
{
    private const string Image = "00000000000000af";
    private DataSetTestFolder _folder = null!;

    // An image of 8 x 4 pixels with two dogs, one of them outlined, and a herd of cows; cats were looked for.
    [SetUp]
    public void MakeFolder()
    {
        _folder = new();
        _folder.Image($"images/{Image}.png", 8, 4);
        _folder.Write("class-descriptions-boxable.csv", "\uFEFF/m/01,Dog\r\n/m/02,\"Cow, \"\"holy\"\"\"\r\n\r\n/m/03,Cat");
        _folder.Write("validation-annotations-bbox.csv", $"""
            ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside
            {Image},xclick,/m/02,1,0.5,1,0,1,-1,0,1,0,0
            {Image},xclick,/m/01,1,0,0.25,0,0.5,1,1,0,0,0
            {Image},xclick,/m/01,1,0.25,0.5,0.5,1,0,0,0,1,0

            """);
        _folder.Write("validation-annotations-object-segmentation.csv", $"""
            MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks
            {Image}_m01_ab.png,{Image},/m/01,ab,0.000000,0.250000,0.000000,0.500000,0.8,"0.1 0.2 1;0.3 0.4 0"

            """);
        _folder.Write("validation-annotations-human-imagelabels-boxable.csv", $"ImageID,Source,LabelName,Confidence\n{Image},verification,/m/03,0\n{Image},verification,/m/01,1\n");
        // Half the image's size: every pixel of the mask is four of the image.
        _folder.Mask($"masks/{Image}_m01_ab.png", RandomMasks.Where(4, 2, (x, y) => (x, y) == (0, 0)));
        _folder.Write("bbox_labels_hierarchy.json", """
            {"LabelName": "/m/0", "Subcategory": [{"LabelName": "/m/09", "Subcategory": [{"LabelName": "/m/01"}, {"LabelName": "/m/03"}]},
             {"LabelName": "/m/02", "Part": [{"LabelName": "/m/08"}]}, {"LabelName": "/m/08", "Subcategory": [{"LabelName": "/m/01"}]}]}
            """);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void MasksBoxesAndLabelsComeTogetherByImageAndLabel()
    {
        AnnotatedQuery[] rows = [.. DataSetFinder.Open(_folder.Path, new() { IncludeAbsent = true, Split = "validation" }).Read()];
        Assert.That(rows.Select(row => (row.ImageId, row.Query, row.Traits)), Is.EqualTo(new[]
        {
            (Image, "Dog", QueryTraits.PartlyMasked), (Image, "Cow, \"holy\"", QueryTraits.PartlyMasked), (Image, "Cat", QueryTraits.Absent),
        }));
        SegmentationMask corner = RandomMasks.Where(8, 4, (x, y) => x < 2 && y < 2);
        Assert.That(rows[0].Objects, Is.EqualTo(new[]
        {
            new AnnotatedObject($"{Image}_m01_ab.png", corner, new(0, 0, 2, 2), 4, ObjectTraits.Occluded | ObjectTraits.Truncated),
            new AnnotatedObject("row 4", null, new(2, 2, 4, 4), 4, ObjectTraits.Depiction),
        }));
        Assert.That(rows[0].Mask, Is.EqualTo(corner));
        Assert.That(rows[1].Objects.Single(), Is.EqualTo(new AnnotatedObject("row 2", null, new(4, 0, 8, 4), 16, ObjectTraits.Group)));
    }

    [Test]
    public void ClassesAreKindsOfAllTheyStandBelow()
    {
        CategoryHierarchy hierarchy = ((OpenImages)DataSetFinder.Open(_folder.Path)).Hierarchy!;
        Assert.That(hierarchy.Above("/m/01"), Is.EquivalentTo(new[] { "/m/09", "/m/08", "/m/0" }));
        Assert.That(hierarchy.Above("/m/02"), Is.EquivalentTo(new[] { "/m/0" }));
        Assert.That(hierarchy.Above("/m/77"), Is.Empty);
        Assert.That(hierarchy.Below("/m/09"), Is.EquivalentTo(new[] { "/m/01", "/m/03" }));
    }

    [TestCase("{\"LabelName\": \"/m/0\", \"Subcategory\": [{\"Subcategory\": []}]}", "'LabelName' is missing")]
    [TestCase("{\"LabelName\": \"/m/0\", \"Subcategory\": [{\"LabelName\": \"/m/0\"}]}", "stands above itself")]
    [TestCase("{\"LabelName\": \"/m/0\", \"Subcategory\": [", "hierarchy.json")]
    public void ADamagedHierarchyIsAnErrorThatNamesTheFile(string json, string complaint) =>
        Assert.That(() => CategoryHierarchy.Load(_folder.Write("bbox_labels_hierarchy.json", json)),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(complaint).And.Message.Contains("bbox_labels_hierarchy.json"));

    [Test]
    public void SeveralSplitsHaveToBeToldApart()
    {
        File.Copy(_folder["validation-annotations-bbox.csv"], _folder["train-annotations-bbox.csv"]);
        Assert.That(() => new OpenImages(_folder.Path), Throws.InstanceOf<IOException>().With.Message.Contains("train-annotations-bbox.csv").And.Message.Contains("split"));
        Assert.That(new OpenImages(_folder.Path, new() { Split = "train" }).Read().Count(), Is.EqualTo(2));
    }

    [TestCase("validation-annotations-bbox.csv", "1,0,0.25,0,0.5", "1,0,nan,0,0.5", "row 3", "XMax")]
    [TestCase("validation-annotations-bbox.csv", "1,0,0.25,0,0.5", "1,0.3,0.25,0,0.5", "row 3", "below 0")]
    [TestCase("validation-annotations-bbox.csv", "1,0,0.25,0,0.5", "1,0,1.25,0,0.5", "row 3", "0 to 1")]
    [TestCase("validation-annotations-bbox.csv", Image + ",xclick,/m/01,1,0,", "../../af,xclick,/m/01,1,0,", "row 3", "16 hexadecimal")]
    [TestCase("validation-annotations-bbox.csv", ",xclick,/m/01,1,0,", ",xclick,/m/05,1,0,", "row 3", "/m/05")]
    [TestCase("validation-annotations-bbox.csv", "0,0.25,0,0.5,", "0,0.25,0,", "row 3", "12 fields")]
    [TestCase("validation-annotations-bbox.csv", "IsGroupOf", "Group", "row 1", "IsGroupOf")]
    [TestCase("validation-annotations-object-segmentation.csv", Image + "_m01_ab.png,", "../images/" + Image + ".png,", "row", "leads out")]
    [TestCase("validation-annotations-object-segmentation.csv", Image + "_m01_ab.png,", "none.png,", "row", "none.png")]
    [TestCase("validation-annotations-object-segmentation.csv", "\"0.1 0.2 1;0.3 0.4 0\"", "\"0.1 0.2", "row 2", "quotes")]
    [TestCase("class-descriptions-boxable.csv", "/m/03,Cat", "/m/03,\"Cat\" and", "row 4", "quoted")]
    [TestCase("class-descriptions-boxable.csv", "/m/03,Cat", "/m/03,5\" Cat", "row 4", "quote")]
    [TestCase("class-descriptions-boxable.csv", "/m/03", "/m/01", "row 4", "occurs twice")]
    public void DamageIsAnErrorThatNamesFileAndRow(string file, string whole, string damaged, string row, string complaint)
    {
        string text = File.ReadAllText(_folder[file]);
        Assert.That(text, Does.Contain(whole));
        _folder.Write(file, text.Replace(whole, damaged));
        Assert.That(() => new OpenImages(_folder.Path).Read().Count(),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(".csv").And.Message.Contains(row).And.Message.Contains(complaint));
    }

    // Editions mix: the names are those of the published files.
    [TestCase("oidv6-train-annotations-bbox.csv", "train-annotations-object-segmentation.csv", "train-annotations-human-imagelabels-boxable.csv", "train")]
    [TestCase("validation-annotations-bbox.csv", "validation-annotations-object-segmentation.csv", "oidv7-val-annotations-human-imagelabels.csv", "val")]
    [TestCase("Test-annotations-bbox.CSV", "test-annotations-object-segmentation.csv", "oidv7-test-annotations-human-imagelabels.csv", "test")]
    public void PublishedNamesOfEveryEditionAreKnown(string boxes, string masks, string labels, string split)
    {
        foreach ((string from, string to) in new[] { ("validation-annotations-bbox.csv", boxes), ("validation-annotations-object-segmentation.csv", masks), ("validation-annotations-human-imagelabels-boxable.csv", labels) })
            File.Move(_folder[from], _folder[to], overwrite: true);
        File.Move(_folder["class-descriptions-boxable.csv"], _folder["oidv6-class-descriptions-boxable.csv"]);
        _folder.Write("oidv7-class-descriptions.csv", "id,name\n/m/04,Owl\n/m/01,Dog\n");
        _folder.Write($"oidv7-{split}-annotations-machine-imagelabels.csv", $"ImageID,Source,LabelName,Confidence\n{Image},machine,/m/01,0.0\n");
        File.AppendAllText(_folder[labels], $"{Image},verification,/m/077,0\n");
        foreach (string? asked in new[] { null, split })
        {
            var data = new OpenImages(_folder.Path, new() { IncludeAbsent = true, Split = asked });
            Assert.That(data.Read().Select(row => row.Query), Is.EqualTo(new[] { "Dog", "Cow, \"holy\"", "Cat" }));
            Assert.That(data.Categories.Select(category => category.Name), Is.EqualTo(new[] { "Dog", "Cow, \"holy\"", "Cat", "Owl" }));
            Assert.That(data.Notes.Problems, Has.Exactly(2).Items.And.Some.Contains("machine-imagelabels.csv").And.Some.Contains("1 rows of labels without a description"));
        }
    }

    [Test]
    public void TablesOfDifferentPartsAreNotMixed()
    {
        File.Move(_folder["validation-annotations-bbox.csv"], _folder["train-annotations-bbox.csv"]);
        Assert.That(() => new OpenImages(_folder.Path), Throws.InstanceOf<IOException>().With.Message.Contains("different parts"));
    }

    [Test]
    public void PicturesLieInFoldersOfTheSplitToo()
    {
        Directory.Move(_folder["images"], _folder["validation"]);
        Directory.Move(_folder["masks"], _folder["validation-masks-0"]);
        Assert.That(new OpenImages(_folder.Path).Read().Count(), Is.EqualTo(2));
    }

    // Of two dogs one row is too short: the other is not the answer either.
    [Test]
    public void ADamagedRowTakesItsQueryAlong()
    {
        string file = _folder["validation-annotations-bbox.csv"];
        File.WriteAllText(file, File.ReadAllText(file).Replace("0.25,0.5,0.5,1,0,0,0,1,0", "0.25,0.5,0.5,1,0"));
        var skipped = new SkippedRows();
        Assert.That(new OpenImages(_folder.Path, new() { Skipped = skipped }).Read().Select(row => row.Query), Is.EqualTo(new[] { "Cow, \"holy\"" }));
        Assert.That(skipped.Problems.Single(), Does.Contain("row 4").And.Contain("9 fields"));
    }

    [Test]
    public void AMaskOfAnotherShapeIsAnError()
    {
        _folder.Mask($"masks/{Image}_m01_ab.png", SegmentationMask.Empty(4, 4));
        Assert.That(() => new OpenImages(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("4 x 4").And.Message.Contains("8 x 4"));
    }

    [Test]
    public void CsvRowsAreThoseOfTheStandard()
    {
        byte[] text = [0xEF, 0xBB, 0xBF, .. "a,b\r\n\n\"x,\"\"y\"\"\nz\",\u00e9\n,\n\"\""u8];
        using var rows = new CsvRows(new MemoryStream(text), "a.csv");
        var read = new List<(int, long, string)>();
        while (rows.MoveNext())
            read.Add((rows.Row, rows.Offset, string.Join('|', Enumerable.Range(0, rows.Count).Select(rows.Text))));
        Assert.That(read, Is.EqualTo(new[] { (1, 3L, "a|b"), (3, 9L, "x,\"y\"\nz|\u00e9"), (5, 24L, "|"), (6, 26L, "") }));
        using var endless = new CsvRows(new MemoryStream(Encoding.UTF8.GetBytes("\"" + new string('x', 3_000_000))), "a.csv");
        Assert.That(() => endless.MoveNext(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("row 1").And.Message.Contains("longer"));
    }

    [Test]
    public void CsvRowsAreFoundAgainWhereTheyStood()
    {
        var random = new Random(1);
        string[] pieces = ["a", "\u00e9", "\u6f22", "\U0001D11E", "\"\"", ",", "\n", "\r\n"], ends = ["\n", "\r\n", "\n\n"];
        using var file = new MemoryStream();
        var stand = new List<(long Offset, int Row, string Text)>();
        for (int row = 1; file.Length < 300_000;)
        {
            // Some rows are longer than what is read at once.
            string text = string.Concat(Enumerable.Range(0, random.Next(100) == 0 ? 5000 : random.Next(20)).Select(_ => random.GetItems(pieces, 1)[0])), end = random.GetItems(ends, 1)[0];
            stand.Add((file.Position, row, text.Replace("\"\"", "\"") + "|b"));
            file.Write(Encoding.UTF8.GetBytes($"\"{text}\",b{end}"));
            row += text.Count(letter => letter == '\n') + end.Count(letter => letter == '\n');
        }
        file.Position = 0;
        using var rows = new CsvRows(file, "a.csv");
        var read = new List<(long, int, string)>();
        while (rows.MoveNext())
            read.Add((rows.Offset, rows.Row, string.Join('|', Enumerable.Range(0, rows.Count).Select(rows.Text))));
        Assert.That(read, Is.EqualTo(stand));
        foreach ((long offset, int row, string text) in random.GetItems(stand.ToArray(), 500))
        {
            rows.MoveTo(offset, row);
            Assert.That(rows.MoveNext());
            Assert.That((rows.Offset, rows.Row, string.Join('|', Enumerable.Range(0, rows.Count).Select(rows.Text))), Is.EqualTo((offset, row, text)));
        }
    }

    [Test]
    public void ATableInAnotherEncodingIsAnError()
    {
        string file = _folder["validation-annotations-bbox.csv"];
        File.WriteAllText(file, File.ReadAllText(file), Encoding.Unicode);
        Assert.That(() => new OpenImages(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("bbox.csv").And.Message.Contains("UTF-8"));
    }

    [Test]
    public void ATableThatHasChangedSinceItWasIndexedIsAnError()
    {
        string file = _folder["validation-annotations-bbox.csv"];
        var data = new OpenImages(_folder.Path);
        Assert.That(data.Read().Count(), Is.EqualTo(2));
        File.WriteAllText(file, File.ReadAllText(file).Replace(Image, "00000000000000b0"));
        Assert.That(() => data.Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("bbox.csv").And.Message.Contains("changed"));
    }

    [Test]
    public void MasksAreResizedToThePixelUnderEachCentre()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 20), height = random.Next(1, 20), columns = random.Next(1, 30), rows = random.Next(1, 30);
            var mask = SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height);
            Assert.That(mask.Resize(columns, rows), Is.EqualTo(RandomMasks.Where(columns, rows, (x, y) =>
                mask[(int)((x + 0.5) * width / columns), (int)((y + 0.5) * height / rows)])));
        }
    }
}
