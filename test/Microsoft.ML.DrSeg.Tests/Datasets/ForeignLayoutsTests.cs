using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

/// <summary>YOLO, labelme, PASCAL VOC and Label Studio: what their files say, worked out by hand, and what damaged ones do.</summary>
public class ForeignLayoutsTests
{
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    private AnnotatedQuery[] Read(DataSetOptions? options = null) => [.. DataSetFinder.Open(_folder.Path, options).Read()];

    private static SegmentationMask Rectangle(int x0, int y0, int x1, int y1) => RandomMasks.Where(20, 10, (x, y) => x >= x0 && x < x1 && y >= y0 && y < y1);

    // --- YOLO

    [TestCase("names: [dog, 'red fox']", "data.yaml")]
    [TestCase("train: ../train/images\nnc: 2\nnames:\n- dog # man's best\n- \"red fox\"\nroboflow:\n  x: y", "data.yaml")]
    [TestCase("names:\n  0: dog\n\n  1: red fox\npath: .", "coco8-seg.yml")]
    [TestCase("names: {0: 'dog', 1: red fox}\n", "data.yaml")]
    [TestCase("names: [\n  'dog',\n  'red fox'\n]", "data.yaml")]
    [TestCase("dog\nred fox\n", "classes.txt")]
    public void YoloClassesAreNamedInEveryWay(string names, string file)
    {
        WriteYolo(names, file);
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path, new() { IncludeAbsent = true });
        Assert.That((data.Layout, string.Join(',', data.Categories.Select(category => $"{category.Id} {category.Name}"))), Is.EqualTo((DataSetLayout.Yolo, "0 dog,1 red fox")));
        AnnotatedQuery[] rows = [.. data.Read()];
        Assert.That(rows.Select(row => (row.ImageId, row.Query, row.Traits)), Is.EqualTo(new[]
        {
            ("a", "red fox", QueryTraits.PartlyMasked), ("a", "dog", QueryTraits.None), ("b", "dog", QueryTraits.Absent), ("b", "red fox", QueryTraits.Absent),
        }));
        Assert.That(rows[1].Objects.Single().Mask, Is.EqualTo(Rectangle(2, 1, 12, 6)));
        Assert.That(rows[0].Objects.Single(), Is.EqualTo(new AnnotatedObject("a/1", null, new(5, 2, 15, 8), 60, ObjectTraits.None)));
        Assert.That(data.Notes.Problems.Single(), Does.Contain("lines that occur twice"));
    }

    [TestCase("images/train/a.png", "labels/train/a.txt")]
    [TestCase("train/images/a.png", "train/labels/a.txt")]
    [TestCase("images/a.png", "labels/a.txt")]
    public void YoloFoldersAreFoundEitherWayRound(string image, string label)
    {
        _folder.Write("data.yaml", "names: [dog]");
        _folder.Image(image, 20, 10);
        _folder.Write(label, "0 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6");
        Assert.That(Read().Single().ImagePath, Is.EqualTo(_folder[image]));
        Assert.That(DataSetFinder.Open(_folder["data.yaml"]).Read().Count(), Is.EqualTo(1));
        string other = label.Replace("train", "valid");
        if (other != label)
        {
            _folder.Write(other, "");
            _folder.Image(image.Replace("train", "valid"), 20, 10);
            Assert.That(Read(new() { Split = "train" }), Has.Length.EqualTo(1));
            Assert.That(Read(new() { Split = "val" }), Is.Empty);
            Assert.That(() => Read(), Throws.InstanceOf<IOException>().With.Message.Contains("Several"));
        }
    }

    [TestCase("0 0.1 0.1 0.6 0.1 0.6", "neither a box (4) nor an outline")]
    [TestCase("0 0.1 0.1 0.6 0.1 0.6 0.6 0.1", "neither a box (4) nor an outline")]
    [TestCase("2 0.1 0.1 0.6 0.1 0.6 0.6", "class 2 is none of the 2")]
    [TestCase("-1 0.1 0.1 0.6 0.1 0.6 0.6", "class -1 is none")]
    [TestCase("0 10 1 60 1 60 6", "10 is no share of the image")]
    [TestCase("0 nan 0.1 0.6 0.1 0.6 0.6", "'nan' is no number")]
    [TestCase("0 1e999 0.1 0.6 0.1 0.6 0.6", "'1e999' is no number")]
    [TestCase("dog 0.1 0.1 0.6 0.1 0.6 0.6", "'dog' is no number")]
    public void ADamagedLineOfYoloTakesItsImageAlong(string line, string complaint)
    {
        WriteYolo("names: [dog, cat]", "data.yaml");
        _folder.Write("labels/a.txt", $"1 0.5 0.5 0.5 0.6\n{line}\n");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.txt").And.Message.Contains("line 2").And.Message.Contains(complaint));
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Is.Empty);
        Assert.That(skipped.Count, Is.EqualTo(1));
    }

    [Test]
    public void YoloLabelsWithoutAnImageAreProblems()
    {
        WriteYolo("names: [dog, cat]", "data.yaml");
        _folder.Write("labels/c.txt", "0 0.1 0.1 0.6 0.1 0.6 0.6");
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Has.Length.EqualTo(2));
        Assert.That(skipped.Problems.Single(), Does.Contain("c.txt").And.Contain("no image of that name"));
        _folder.Write("data.yaml", "names: [dog, 'cat'");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("data.yaml").And.Message.Contains("no ']'"));
    }

    private void WriteYolo(string names, string file)
    {
        _folder.Write(file, names);
        _folder.Image("images/a.png", 20, 10);
        _folder.Image("images/b.png", 20, 10);
        _folder.Write("labels/a.txt", "1 0.5 0.5 0.5 0.6\r\n0 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6\r\n\r\n1 0.5 0.5 0.5 0.6\r\n");
    }

    // --- labelme

    [TestCase("a.png")]
    [TestCase("..\\\\images\\\\a.png")]
    public void ShapesOfLabelmeAreObjects(string path)
    {
        _folder.Image(path == "a.png" ? "json/a.png" : "images/a.png", 20, 10);
        string patch = Convert.ToBase64String(Rectangle(0, 0, 3, 2).ToPng());
        _folder.Write("json/a.json", $$"""
            {"version": "5.4.1", "flags": {}, "imagePath": "{{path}}", "imageData": "{{new string('A', 3000)}}", "imageHeight": 10, "imageWidth": 20, "shapes": [
             {"label": "dog", "points": [[2, 1], [12, 1], [12, 6], [2, 6]], "group_id": null, "shape_type": "polygon", "flags": null},
             {"label": "dog", "points": [[14, 8], [13, 6]], "group_id": 4, "shape_type": "rectangle"},
             {"label": "dog", "points": [[17, 6], [18, 8]], "group_id": 4, "shape_type": "rectangle"},
             {"label": "cat", "points": [[18.4, 8.6], [20, 10]], "group_id": null, "shape_type": "mask", "mask": "{{patch}}"},
             {"label": "ball", "points": [[5, 5], [5, 9]], "shape_type": "circle"}, {"label": "leash", "points": [[0, 0], [5, 5]], "shape_type": "line"}]}
            """);
        SegmentationDataSet data = DataSetFinder.Open(_folder["json"], new() { IncludeAbsent = true });
        Assert.That(data.Layout, Is.EqualTo(DataSetLayout.Labelme));
        AnnotatedQuery[] rows = [.. data.Read()];
        Assert.That(rows.Select(row => (row.Query, row.Objects.Count)), Is.EqualTo(new[] { ("dog", 2), ("cat", 1), ("ball", 1) }));
        Assert.That(rows[0].Objects.Select(seen => seen.Mask), Is.EqualTo(new[] { Rectangle(2, 1, 12, 6), Rectangle(13, 6, 14, 8).Union(Rectangle(17, 6, 18, 8)) }));
        Assert.That(rows[1].Mask, Is.EqualTo(Rectangle(18, 9, 20, 10)), "a patch reaches beyond the image");
        Assert.That(rows[2].Mask.Area, Is.EqualTo(Math.PI * 16).Within(4));
        Assert.That(data.Notes.Problems.Single(), Does.Contain("points and lines"));
        Assert.That(data.Categories.Select(category => category.Name), Is.EqualTo(new[] { "dog", "cat", "ball", "leash" }));
    }

    [TestCase("\"imageWidth\": 20", "\"imageWidth\": 10", "10 x 10")]
    [TestCase("\"imageWidth\": 20", "\"imageWidth\": 3000000000", "flow")]
    [TestCase("\"label\": \"dog\"", "\"label\": 4", "shape 1: 'label' must be a text, not 4")]
    [TestCase("[[2, 1], [12, 1], [12, 6]]", "[[2, 1], [12]]", "shape 1: a point has x and y")]
    [TestCase("[[2, 1], [12, 1], [12, 6]]", "[[2, 1], [12, 1]]", "shape 1: Polygon 0 has 4 coordinates")]
    [TestCase("[[2, 1], [12, 1], [12, 6]]", "[[2, 1], [12, 1], [12, 1e300]]", "shape 1: Coordinate 5")]
    [TestCase("\"polygon\"", "\"blob\"", "the type 'blob'")]
    [TestCase("\"polygon\"", "\"mask\", \"mask\": \"AAAA\"", "does not begin like a PNG")]
    [TestCase("\"a.png\"", "\"../../../etc/passwd\"", "leads out of the folder")]
    [TestCase("\"a.png\"", "\"none.png\"", "none.png")]
    [TestCase("\"shapes\": [", "\"shapes\": 5, \"more\": [", "'shapes' must be an array, not 5")]
    public void DamageToLabelmeIsAnErrorThatNamesTheFile(string whole, string damaged, string complaint)
    {
        const string Json = """{"imagePath": "a.png", "imageWidth": 20, "imageHeight": 10, "shapes": [{"label": "dog", "points": [[2, 1], [12, 1], [12, 6]], "shape_type": "polygon"}]}""";
        Assert.That(Json, Does.Contain(whole));
        _folder.Image("a.png", 20, 10);
        _folder.Write("a.json", Json.Replace(whole, damaged));
        Assert.That(() => Read().Select(row => RgbImage.Load(row.ImagePath)).Count(), Throws.InstanceOf<Exception>().With.Message.Contains(complaint));
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Is.Empty);
        Assert.That((skipped.Count, skipped.Problems[0].Contains("a.json")), Is.EqualTo((1, true)));
    }

    // --- PASCAL VOC

    private const int Aeroplane = 0x000080, Bicycle = 0x008000, Void = 0xC0E0E0;

    // Classes and objects as colours; an aeroplane left, two bicycles right, something undecided between.
    private void WriteVoc(string root = "")
    {
        _folder.Image($"{root}JPEGImages/a.png", 20, 10);
        int Class(int x, int y) => x < 8 ? Aeroplane : x < 10 ? Void : x < 18 ? Bicycle : 0;
        int Object(int x, int y) => x < 8 ? Aeroplane : x < 10 ? Void : x < 14 ? Bicycle : x < 18 ? 0x008080 : 0;
        foreach ((string folder, Func<int, int, int> colour) in new (string, Func<int, int, int>)[] { ("SegmentationClass", Class), ("SegmentationObject", Object) })
        {
            Directory.CreateDirectory(_folder[root + folder]);
            new LabelMap(20, 10, [.. Enumerable.Range(0, 200).Select(i => colour(i % 20, i / 20))]).SaveColourPng(_folder[$"{root}{folder}/a.png"]);
        }
        _folder.Write($"{root}Annotations/a.xml", """
            <annotation><size><width>20</width><height>10</height></size>
             <object><name>bicycle</name><truncated>1</truncated><occluded>0</occluded><bndbox><xmin>11</xmin><ymin>1</ymin><xmax>14</xmax><ymax>10</ymax></bndbox></object>
             <object><name>person</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5.0</xmax><ymax>5</ymax></bndbox></object></annotation>
            """);
        _folder.Write($"{root}ImageSets/Segmentation/val.txt", "a\n");
        _folder.Write($"{root}ImageSets/Segmentation/train.txt", "b\n");
    }

    [TestCase("")]
    [TestCase("VOCdevkit/VOC2012/")]
    public void VocsColoursAreClassesAndObjects(string root)
    {
        WriteVoc(root);
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        Assert.That((data.Layout, data.Categories.Count), Is.EqualTo((DataSetLayout.Voc, 20)));
        AnnotatedQuery[] rows = [.. data.Read()];
        Assert.That(rows.Select(row => (row.Query, row.Traits)), Is.EqualTo(new[] { ("aeroplane", QueryTraits.None), ("bicycle", QueryTraits.None), ("person", QueryTraits.PartlyMasked) }));
        Assert.That(rows[0].Mask, Is.EqualTo(Rectangle(0, 0, 8, 10)));
        Assert.That(rows[1].Objects.Select(seen => (seen.Mask!, seen.Traits)), Is.EqualTo(new[] { (Rectangle(10, 0, 14, 10), ObjectTraits.Truncated), (Rectangle(14, 0, 18, 10), ObjectTraits.None) }));
        Assert.That(rows[2].Objects.Single().Box, Is.EqualTo(new BoundingBox(0, 0, 5, 5)));
        Assert.That(Read(new() { IncludeAbsent = true }), Has.Length.EqualTo(20));
        Assert.That(Read(new() { Split = "val" }), Has.Length.EqualTo(3));
        Assert.That(() => Read(new() { Split = "train" }), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'b'"));
        Assert.That(() => Read(new() { Split = "test" }), Throws.InstanceOf<IOException>().With.Message.Contains("test.txt"));
    }

    // CVAT writes its labels' colours beside the pictures; palettes may be in any order, numbers stand for VOC's colours.
    [Test]
    public void VocsColoursAreNamedByTheFolder()
    {
        WriteVoc();
        Directory.Delete(_folder["Annotations"], recursive: true);
        Directory.Delete(_folder["SegmentationObject"], recursive: true);
        _folder.Write("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nmy plane:128,0,0::\nmy bike:0,128,0::\n");
        Assert.That(Read().Select(row => row.Query), Is.EquivalentTo(new[] { "my plane", "my bike" }));
        byte[] pixels = [.. Enumerable.Range(0, 10).SelectMany(_ => (byte[])[0, .. Enumerable.Repeat((byte)0, 8), .. Enumerable.Repeat((byte)1, 12)])];
        _folder.Write("SegmentationClass/a.png", TestPng.Encode(20, 10, 8, 3, pixels, palette: [0, 128, 0, 0, 0, 0]));
        Assert.That(Read().Select(row => (row.Query, row.Mask)), Is.EqualTo(new[] { ("my bike", Rectangle(0, 0, 8, 10)) }));
        File.Delete(_folder["labelmap.txt"]);
        _folder.Labels("SegmentationClass/a.png", 20, 10, [.. Enumerable.Range(0, 200).Select(i => i % 20 < 8 ? 15 : i % 20 < 10 ? 255 : 0)]);
        Assert.That(Read().Select(row => (row.Query, row.Mask)), Is.EqualTo(new[] { ("person", Rectangle(0, 0, 8, 10)) }));
        _folder.Write("class_names.txt", "__ignore__\n_background_\nred\ngreen\n");
        _folder.Labels("SegmentationClass/a.png", 20, 10, [.. Enumerable.Repeat(2, 200)]);
        Assert.That(Read().Select(row => row.Query), Is.EqualTo(new[] { "green" }));
        _folder.Labels("SegmentationClass/a.png", 20, 10, [.. Enumerable.Repeat(3, 200)]);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("(128, 128, 0) stands for no class"));
        _folder.Write("labelmap.txt", "dog;1,2,3\n");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("labelmap.txt").And.Message.Contains("dog;1,2,3"));
    }

    [Test]
    public void PixelsOfNoObjectAndMapsOfOtherSizesAreErrors()
    {
        WriteVoc();
        Directory.Delete(_folder["Annotations"], recursive: true);
        new LabelMap(20, 10, [.. Enumerable.Range(0, 200).Select(i => i % 20 < 7 ? Aeroplane : 0)]).SaveColourPng(_folder["SegmentationObject/a.png"]);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("10 of 80 pixels of 'aeroplane' belong to no object"));
        new LabelMap(10, 20, new int[200]).SaveColourPng(_folder["SegmentationObject/a.png"]);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("20 x 10").And.Message.Contains("10 x 20"));
        _folder.Image("JPEGImages/a.png", 30, 10);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("30 x 10"));
    }

    [TestCase("<xmin>11</xmin>", "<xmin>eleven</xmin>", "must be a number, not 'eleven'")]
    [TestCase("<xmin>11</xmin>", "", "<bndbox> has no <xmin>")]
    [TestCase("<xmin>11</xmin>", "<xmin>99</xmin>", "has a side below 1")]
    [TestCase("<xmin>11</xmin>", "<xmin>1e99</xmin>", "must be a number")]
    [TestCase("<annotation>", "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><annotation>", "DTD")]
    [TestCase("</annotation>", "", "a.xml")]
    public void DamageToVocsXmlIsAnErrorThatNamesTheFile(string whole, string damaged, string complaint)
    {
        WriteVoc();
        string xml = File.ReadAllText(_folder["Annotations/a.xml"]);
        Assert.That(xml, Does.Contain(whole));
        _folder.Write("Annotations/a.xml", xml.Replace(whole, damaged));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.xml").And.Message.Contains(complaint));
    }

    [Test]
    public void AMillionNestedElementsAreBounded()
    {
        WriteVoc();
        _folder.Write("Annotations/a.xml", string.Concat(Enumerable.Repeat("<a>", 300_000)));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.xml"));
        using (FileStream large = File.Create(_folder["SegmentationClass/b.png"]))
            large.SetLength(100_000_000);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>());
    }

    // --- Label Studio

    private static string Region(string kind, string value, string label = "dog") =>
        $$$"""{"id": "r", "type": "{{{kind}}}", "original_width": 20, "original_height": 10, "image_rotation": 0, "value": {{{{value}}}, "{{{kind}}}": ["{{{label}}}"]}}""";

    private void WriteLabelStudio(string image, params string[] regions)
    {
        _folder.Image("images/a.png", 20, 10);
        _folder.Write("export.json", $$"""[{"id": 5, "data": {"note": "x", "image": "{{image}}"}, "annotations": [{"was_cancelled": true, "result": []}, {"was_cancelled": false, "result": [{{string.Join(',', regions)}}]}], "predictions": []}]""");
    }

    [TestCase("/data/upload/1/1a2b3c4d-a.png")]
    [TestCase("/data/local-files/?d=images%2Fa.png")]
    [TestCase("s3://bucket/folder/a.png")]
    [TestCase("http://localhost:8080/images/a.png?token=x.y")]
    [TestCase("images\\\\a.png")]
    public void RegionsOfLabelStudioAreObjects(string image)
    {
        WriteLabelStudio(image,
            Region("polygonlabels", "\"points\": [[10, 10], [60, 10], [60, 60], [10, 60]]"),
            Region("rectanglelabels", "\"x\": 75, \"y\": 20, \"width\": 15, \"height\": 40, \"rotation\": 0"),
            Region("ellipselabels", "\"x\": 50, \"y\": 50, \"radiusX\": 20, \"radiusY\": 40", "cat"),
            Region("keypointlabels", "\"x\": 1, \"y\": 1, \"width\": 1", "nose"));
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        Assert.That(data.Layout, Is.EqualTo(DataSetLayout.LabelStudio));
        AnnotatedQuery[] rows = [.. data.Read()];
        Assert.That(rows.Select(row => (row.ImageId, row.Query, row.ImagePath)), Is.EqualTo(new[] { ("5", "dog", _folder["images/a.png"]), ("5", "cat", _folder["images/a.png"]) }));
        Assert.That(rows[0].Objects.Select(seen => seen.Mask), Is.EqualTo(new[] { Rectangle(2, 1, 12, 6), Rectangle(15, 2, 18, 6) }));
        Assert.That(rows[1].Mask.Area, Is.EqualTo(Math.PI * 16).Within(4));
        Assert.That(data.Categories.Select(category => category.Name), Is.EqualTo(new[] { "dog", "cat" }));
        Assert.That(data.Notes.Problems.Single(), Does.Contain("label no region"));
    }

    [Test]
    public void JsonMinHasTheRegionsByTheirTags()
    {
        _folder.Image("a.png", 20, 10);
        _folder.Write("min.json", """
            [{"image": "/data/upload/a.png", "id": 5, "label": [{"points": [[10, 10], [60, 10], [60, 60], [10, 60]], "closed": true, "polygonlabels": ["dog"], "original_width": 20, "original_height": 10}], "annotator": 1}]
            """);
        Assert.That(Read().Select(row => (row.Query, row.Mask)), Is.EqualTo(new[] { ("dog", Rectangle(2, 1, 12, 6)) }));
    }

    // Turned by a quarter about its corner, a box of 3 by 4 pixels lies left of it: 4 wide, 3 high.
    [Test]
    public void BoxesAreTurnedAboutTheirCorner()
    {
        WriteLabelStudio("a.png", Region("rectanglelabels", "\"x\": 50, \"y\": 20, \"width\": 15, \"height\": 40, \"rotation\": 90"));
        Assert.That(Read().Single().Mask, Is.EqualTo(Rectangle(6, 2, 10, 5)));
    }

    // The bytes of a brush, packed here bit by bit: runs of a size of their own, and stretches byte by byte.
    [Test]
    public void BrushedRegionsAreUnpacked()
    {
        var random = new Random(5);
        SegmentationMask mask = RandomMasks.Where(20, 10, (x, y) => x < 10 ? random.Next(2) == 0 : y > 4);
        byte[] pixels = [.. Enumerable.Range(0, 800).Select(i => mask[i / 4 % 20, i / 80] ? (byte)255 : (byte)0)];
        WriteLabelStudio("a.png", Region("brushlabels", $"\"format\": \"rle\", \"rle\": [{string.Join(',', Pack(pixels))}]"));
        Assert.That(Read().Single().Mask, Is.EqualTo(mask));
    }

    [Test]
    public void DamagedBrushesAreBounded()
    {
        byte[] packed = Pack(new byte[800]);
        Assert.That(BrushRuns.Decode(packed, 20, 10), Is.EqualTo(SegmentationMask.Empty(20, 10)));
        for (int length = 0; length < packed.Length - 1; length++)
            Assert.That(() => BrushRuns.Decode(packed[..length], 20, 10), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => BrushRuns.Decode(packed, 30, 10), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("800 bytes").And.Message.Contains("1200"));
        byte[] huge = [0x40, 0, 0, 0, 0, 0, 0, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => BrushRuns.Decode(huge, 16384, 16384), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("cannot hold"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        var random = new Random(1);
        for (int trial = 0; trial < 2000; trial++)
        {
            byte[] damaged = [.. packed];
            damaged[random.Next(4, damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                BrushRuns.Decode(damaged, 20, 10);
            }
            catch (InvalidDataException)
            {
                // What cannot be read is told so.
            }
        }
    }

    private static byte[] Pack(byte[] bytes)
    {
        var bits = new System.Text.StringBuilder();
        void Add(long value, int count) => bits.Append(Convert.ToString(value, 2).PadLeft(count, '0'));
        Add(bytes.Length, 32);
        Add(7, 5);
        foreach (int size in new[] { 3, 4, 8, 16 })
            Add(size - 1, 4);
        for (int at = 0; at < bytes.Length;)
        {
            int end = at + 1;
            while (end < bytes.Length && bytes[end] == bytes[at])
                end++;
            if (end - at >= 6)
            {
                bits.Append("111");
                Add(end - at - 1, 16);
                Add(bytes[at], 8);
            }
            else
            {
                bits.Append("000");
                Add(end - at - 1, 3);
                for (int i = at; i < end; i++)
                    Add(bytes[i], 8);
            }
            at = end;
        }
        while (bits.Length % 8 != 0)
            bits.Append('0');
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.ToString(8 * i, 8), 2))];
    }

    [TestCase("\"image_rotation\": 0", "\"image_rotation\": 90", "turned by 90 degrees")]
    [TestCase("\"original_width\": 20", "\"original_width\": 30", "30 x 10")]
    [TestCase("\"original_width\": 20", "\"original_width\": 99999999999", "flow")]
    [TestCase("[60, 60]", "[60, 1e300]", "Coordinate 5")]
    [TestCase("[60, 60]", "[60]", "x and y")]
    [TestCase("\"points\"", "\"rle\"", "'rle' must be a whole number")]
    [TestCase("\"image\": \"a.png\"", "\"image\": \"a.txt\"", "none of its data is the name of an image: a.txt, x")]
    [TestCase("\"image\": \"a.png\"", "\"image\": \"../../../etc/passwd.png\"", "leads out")]
    [TestCase("\"id\": 5", "\"id\": [5]", "'id' must be")]
    public void DamageToLabelStudioIsAnErrorThatNamesFileAndPlace(string whole, string damaged, string complaint)
    {
        WriteLabelStudio("a.png", Region("polygonlabels", "\"points\": [[10, 10], [60, 10], [60, 60], [10, 60]]"));
        string json = File.ReadAllText(_folder["export.json"]);
        Assert.That(json, Does.Contain(whole));
        _folder.Write("export.json", json.Replace(whole, damaged));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("export.json").And.Message.Contains("byte").And.Message.Contains(complaint));
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Is.Empty);
        Assert.That(skipped.Count, Is.EqualTo(1));
    }

    // --- all of them: cut off anywhere, or nested without end

    [Test]
    public void FilesCutOffAnywhereAreErrorsOrShorter()
    {
        _folder.Image("a.png", 20, 10);
        _folder.Write("a.json", """{"imagePath": "a.png", "shapes": [{"label": "dog", "points": [[2, 1], [12, 1], [12, 6]], "shape_type": "polygon"}]}""");
        WriteLabelStudio("a.png", Region("polygonlabels", "\"points\": [[10, 10], [60, 10], [60, 60], [10, 60]]"));
        WriteYolo("names: [dog, cat]", "data.yaml");
        WriteVoc("voc/");
        (string File, Func<SegmentationDataSet> Open)[] all =
        [
            ("a.json", () => new Labelme(_folder.Path, _folder.Path)), ("export.json", () => new LabelStudio(_folder["export.json"], _folder["images"])),
            ("labels/a.txt", () => new YoloSegmentation(_folder["labels"], _folder["images"], _folder["data.yaml"])),
            ("data.yaml", () => new YoloSegmentation(_folder["labels"], _folder["images"], _folder["data.yaml"])),
            ("voc/Annotations/a.xml", () => new PascalVoc(_folder["voc"])), ("voc/SegmentationClass/a.png", () => new PascalVoc(_folder["voc"])), ("voc/SegmentationObject/a.png", () => new PascalVoc(_folder["voc"])),
        ];
        File.Move(_folder["export.json"], _folder["kept.txt"]);
        foreach ((string file, Func<SegmentationDataSet> open) in all)
        {
            if (file == "export.json")
                File.Move(_folder["kept.txt"], _folder["export.json"]);
            byte[] whole = File.ReadAllBytes(_folder[file]);
            for (int length = 0; length < whole.Length; length += 3)
            {
                _folder.Write(file, whole[..length]);
                try
                {
                    _ = open().Read().Count();
                }
                catch (InvalidDataException problem)
                {
                    Assert.That(problem.Message, Does.Contain(Path.GetFileName(file)), $"{length} bytes of {file}");
                }
            }
            _folder.Write(file, whole);
            if (file == "export.json")
                File.Delete(_folder[file]);
        }
    }

    [Test]
    public void NestingIsBounded()
    {
        string deep = new string('[', 200_000) + new string(']', 200_000);
        _folder.Image("a.png", 20, 10);
        _folder.Write("a.json", $$"""{"imagePath": "a.png", "shapes": {{deep}}}""");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("depth").And.Message.Contains("a.json"));
        File.Delete(_folder["a.json"]);
        WriteLabelStudio("a.png", deep);
        _folder.Write("export.json", File.ReadAllText(_folder["export.json"]).Replace("predictions", "polygonlabels"));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("depth").And.Message.Contains("export.json"));
    }

    [Test]
    public void AFileThatIsTooLargeIsNotReadWhole()
    {
        WriteYolo("names: [dog, cat]", "data.yaml");
        using (FileStream large = File.Create(_folder["labels/a.txt"]))
            large.SetLength(200_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.txt").And.Message.Contains("67108864 bytes"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
    }
}
