using System.Text;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

/// <summary>Files as annotation tools and data sets write them, in layouts that have a format of their own; docs/results/real-files.md lists the kinds.</summary>
public class RealFilesTests
{
    private const string Categories = """[{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}]""";
    private const string Square = "[[1, 1, 3, 1, 3, 3, 1, 3]]";
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // Two dogs and a cat in an image of 8 x 6 pixels; what stands for the first dog's record, or behind it, is the test's.
    private string Coco(string first = $$"""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {{Square}}}""", string file = "a.png", string image = "\"id\": 7, \"width\": 8, \"height\": 6", string path = "instances.json") =>
        _folder.Write(path, $$"""
            {"images": [{ {{image}}, "file_name": "{{file}}"}], "categories": {{Categories}}, "annotations": [{{first}},
             {"id": 2, "image_id": 7, "category_id": 1, "segmentation": {{Square}}}, {"id": 3, "image_id": 7, "category_id": 2, "segmentation": {{Square}}}]}
            """);

    private AnnotatedQuery[] Read(DataSetOptions? options = null) => [.. DataSetFinder.Open(_folder.Path, options).Read()];

    // --- ids and numbers

    [TestCase("0", "7", "1")]
    [TestCase("\"0\"", "\"7\"", "\"1\"")]
    [TestCase("0.0", "7.0", "1.0")]
    [TestCase("\"first\"", "7", "1")]
    [TestCase("99999999999999", "7", "1")]
    public void IdsAreWholeNumbersFromZeroHoweverTheyAreWrittenOrTexts(string id, string image, string category)
    {
        Coco($$"""{"id": {{id}}, "image_id": {{image}}, "category_id": {{category}}, "segmentation": {{Square}}, "iscrowd": "0"}""");
        AnnotatedQuery[] rows = Read();
        Assert.That(rows.Select(row => (row.Query, row.Objects.Count)), Is.EqualTo(new[] { ("dog", 2), ("cat", 1) }));
        Assert.That(rows[0].Objects[0].Id, Is.EqualTo(id.Trim('"').Replace(".0", "")));
    }

    [Test]
    public void AllIdsMayBeTexts()
    {
        _folder.Write("instances.json", $$"""
            {"images": [{"id": "x/1", "file_name": "a.png", "width": 8, "height": 6}, {"id": "x/2", "file_name": "b.png", "width": 8, "height": 6}],
             "annotations": [{"id": "o1", "image_id": "x/2", "category_id": "K", "segmentation": {{Square}}}, {"id": "o2", "image_id": "x/1", "category_id": "L", "segmentation": {{Square}}}],
             "categories": [{"id": "K", "name": "dog"}, {"id": "L", "name": "cat"}, {"id": 9999999999, "name": "cow"}]}
            """);
        Assert.That(Read(new() { IncludeAbsent = true }).Where(row => row.Mask.Area > 0).Select(row => (row.ImageId, row.Query, row.Category.Id)), Is.EqualTo(new[] { ("x/1", "cat", "L"), ("x/2", "dog", "K") }));
        Assert.That(DataSetInspection.Of(DataSetFinder.Open(_folder.Path)).Objects, Is.EqualTo(2));
    }

    [TestCase("1.5")]
    [TestCase("-1")]
    [TestCase("[7]")]
    [TestCase("true")]
    [TestCase("1e300")]
    public void AnIdThatIsNoneIsShown(string id)
    {
        Coco($$"""{"id": 1, "image_id": {{id}}, "category_id": 1, "segmentation": {{Square}}}""");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains($"'image_id' must be a whole number, at least 0, or a text, not {id}.").And.Message.Contains("byte"));
    }

    [TestCase("[1, 1, 3, 1, 3, 3, 1, 3]", 4)] // without the list around it
    [TestCase("[[1, 1, 3, 1, 3, 3, 1, 3], [4, 4, 5, 5]]", 4)]
    [TestCase("[[4, 4], [1, 1, 3, 1, 3, 3, 1, 3], []]", 4)]
    public void StrayPolygonsAreNoOutline(string segmentation, int area)
    {
        Coco($$"""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {{segmentation}}, "bbox": []}""");
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        Assert.That(data.Read().First().Objects[0].Mask!.Area, Is.EqualTo(area));
        Assert.That(data.Notes.Problems, segmentation.StartsWith("[[", StringComparison.Ordinal) ? Has.Exactly(1).Contains("fewer than three corners") : Is.Empty);
        Coco($$"""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": [[4, 4, 5, 5]]}""");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("4 coordinates"));
    }

    [TestCase("\"id\": 7, \"width\": -1, \"height\": -1")]
    [TestCase("\"id\": 7")]
    [TestCase("\"id\": 7, \"width\": null, \"height\": null")]
    [TestCase("\"id\": 7, \"width\": \"8\", \"height\": 6.0")]
    public void ASizeThatIsNotWrittenIsTheImages(string image)
    {
        Coco(image: image);
        _folder.Image("images/a.png", 8, 6);
        Assert.That(Read().Select(row => (row.Mask.Width, row.Mask.Height)), Is.EqualTo(new[] { (8, 6), (8, 6) }));
    }

    // --- a record that is left out takes along whatever it belongs to

    [TestCase("""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {"size": [6, 8], "counts": [3]}}""", "cat")]
    [TestCase("""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": [[1, 1, 3, NaN, 3, 3]]}""", "cat")]
    [TestCase("""{"image_id": 7, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "cat")]
    [TestCase("""{"id": 1, "image_id": 7, "category_id": null, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "")]
    [TestCase("""{"id": 1, "image_id": 7, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "")]
    [TestCase("""{"id": 1, "image_id": 7, "category_id": 5, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "dog,cat")] // of no row
    [TestCase("""{"id": 1, "image_id": 8, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "dog,cat")]
    [TestCase("""{"id": 1, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 3]]}""", "dog,cat")]
    public void ASkippedRecordTakesItsRowAlongAndCountsOnce(string record, string left)
    {
        Coco(record);
        _folder.Image("images/a.png", 8, 6);
        var skipped = new SkippedRows();
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path, new() { Skipped = skipped, IncludeAbsent = true });
        for (int pass = 0; pass < 2; pass++)
            Assert.That(string.Join(',', data.Read().Select(row => row.Query)), Is.EqualTo(left));
        Assert.That(skipped.Count, Is.EqualTo(1));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void AnImageListedTwiceIsNotRead()
    {
        _folder.Write("instances.json", $$"""
            {"images": [{"id": 7, "file_name": "a.png", "width": 8, "height": 6}, {"id": 7, "file_name": "b.png", "width": 8, "height": 6}], "categories": {{Categories}},
             "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {{Square}}}]}
            """);
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Is.Empty);
        Assert.That(skipped.Problems.Single(), Does.Contain("image id 7 occurs twice"));
    }

    [Test]
    public void CategoriesOfOneNameAreOneQuestion()
    {
        _folder.Write("instances.json", $$"""
            {"images": [{"id": 7, "file_name": "a.png", "width": 8, "height": 6}], "categories": [{"id": 0, "name": "dog"}, {"id": 4, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 0, "segmentation": {{Square}}}, {"id": 2, "image_id": 7, "category_id": 4, "segmentation": [[4, 1, 6, 1, 6, 3, 4, 3]]}]}
            """);
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        Assert.That(data.Read().Select(row => (row.Query, row.Mask.Area, row.Objects.Count)), Is.EqualTo(new[] { ("dog", 8, 2) }));
        Assert.That(data.Notes.Problems.Single(), Does.Contain("both called 'dog'"));
    }

    // --- containers

    [TestCase("""{"images": [I], "categories": C, "annotations": {"1": {}}}""", "'annotations' must be an array of records, found StartObject")]
    [TestCase("""{"images": [I], "categories": C}""", "no 'annotations'")]
    [TestCase("""{"images": [I], "categories": C, "images": [I], "annotations": []}""", "'images' occurs twice")]
    [TestCase("""{"images": null, "categories": C, "annotations": []}""", "'images' must be an array")]
    [TestCase("""{"images": [I], "categories": C, "annotations": [7]}""", "expected an object, found Number")]
    public void OtherContainersAreErrors(string json, string complaint)
    {
        _folder.Write("instances.json", json.Replace("I]", """{"id": 7, "file_name": "a.png", "width": 8, "height": 6}]""").Replace("C,", Categories + ",").Replace("C}", Categories + "}"));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(complaint).And.Message.Contains("instances.json"));
    }

    [Test]
    public void AFileInUtf16IsNamedAsOne()
    {
        File.WriteAllText(Coco(), File.ReadAllText(_folder["instances.json"]), Encoding.Unicode);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("UTF-16"));
    }

    [Test]
    public void NothingIsAProblem()
    {
        _folder.Write("instances.json", $$"""{"images": [{"id": 7, "file_name": "a.png", "width": 8, "height": 6}], "categories": {{Categories}}, "annotations": []}""");
        Assert.That(DataSetInspection.Of(DataSetFinder.Open(_folder.Path)).Problems.Single(), Does.Contain("there is no row"));
    }

    // --- paths

    [TestCase("images/a.png", "images/a.png")]
    [TestCase("images\\\\a.png", "images/a.png")]
    [TestCase("C:\\\\data\\\\images\\\\a.png", "images/a.png")]
    [TestCase("/home/me/a.png", "images/a.png")]
    [TestCase("../images/a.png", "images/a.png")]
    [TestCase("a.png", "images/A.PNG")]
    [TestCase("A.PNG", "images/a.png")]
    [TestCase("a.png", "a.png")]
    [TestCase("a.png", "Img/a.png")]
    [TestCase("train/a.png", "train/a.png")]
    public void ImagesAreFoundWhateverTheirNamesBeginWith(string name, string file)
    {
        Coco(file: name);
        _folder.Image(file.Replace(".PNG", ".png"), 8, 6);
        if (file.EndsWith(".PNG", StringComparison.Ordinal))
            File.Move(_folder["images/A.png"], _folder["images/A.PNG"]);
        Assert.That(Read()[0].ImagePath, file.StartsWith("Img", StringComparison.Ordinal) ? Is.Not.Empty : Is.EqualTo(_folder[file]));
        DataSetOptions elsewhere = new() { ImageFolder = Path.GetDirectoryName(_folder[file]) };
        Assert.That(Read(elsewhere)[0].ImagePath, Is.EqualTo(_folder[file]));
    }

    [TestCase("../../etc/passwd")]
    [TestCase("/etc/passwd")]
    [TestCase("..\\\\..\\\\etc\\\\passwd")]
    [TestCase("images/../../../etc/passwd")]
    public void NoNameLeadsOut(string name)
    {
        Coco(file: name);
        _folder.Image("images/a.png", 8, 6);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("leads out of the folder"));
        var skipped = new SkippedRows();
        Assert.That(Read(new() { Skipped = skipped }), Is.Empty);
        Assert.That(skipped.Count, Is.EqualTo(1));
    }

    // Of two pictures of one name the one is meant that the name says, whichever was found before.
    [Test]
    public void TheWholeNameComesBeforeItsEnd()
    {
        _folder.Write("instances.json", $$"""
            {"images": [{"id": 1, "file_name": "train/a.png", "width": 8, "height": 6}, {"id": 2, "file_name": "val/a.png", "width": 8, "height": 6}], "categories": {{Categories}},
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": {{Square}}}, {"id": 2, "image_id": 2, "category_id": 1, "segmentation": {{Square}}}]}
            """);
        _folder.Image("images/train/a.png", 8, 6);
        _folder.Image("images/val/a.png", 8, 6);
        Assert.That(Read().Select(row => row.ImagePath), Is.EqualTo(new[] { _folder["images/train/a.png"], _folder["images/val/a.png"] }));
    }

    // --- folders as archives unpack

    [Test]
    public void CocosAnnotationArchiveHasTheInstancesOfASplit()
    {
        foreach (string split in new[] { "train2017", "val2017" })
        {
            Coco(path: $"annotations/instances_{split}.json");
            Coco(path: $"annotations/person_keypoints_{split}.json", first: $$"""{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {{Square}}, "keypoints": [1, 1, 2], "num_keypoints": 1}""");
            _folder.Write($"annotations/captions_{split}.json", """{"images": [{"id": 7, "file_name": "a.png", "width": 8, "height": 6}], "annotations": [{"id": 1, "image_id": 7, "caption": "Dogs."}]}""");
            _folder.Image($"{split}/a.png", 8, 6);
        }
        foreach (DataSetLayout? layout in new DataSetLayout?[] { null, DataSetLayout.Coco })
        {
            SegmentationDataSet data = DataSetFinder.Open(_folder.Path, new() { Split = "val2017" }, layout);
            Assert.That(data.Read().Select(row => row.ImagePath), Is.All.EqualTo(_folder["val2017/a.png"]));
            Assert.That(data.Notes.Problems, Has.Exactly(2).Items.And.Some.Contains("captions_val2017.json").And.Some.Contains("person_keypoints_val2017.json"));
        }
        Assert.That(Read(new() { Split = "val" }), Has.Length.EqualTo(2));
        Assert.That(() => Read(), Throws.InstanceOf<IOException>().With.Message.Contains("Several").And.Message.Contains("Choose a layout or a split"));
        Assert.That(() => Read(new() { Split = "test2017" }), Throws.InstanceOf<IOException>().With.Message.Contains("test2017"));
        Assert.That(DataSetFinder.Open(_folder["annotations/person_keypoints_val2017.json"]).Read().Count(), Is.EqualTo(2));
        Assert.That(() => DataSetFinder.Open(_folder["annotations/captions_val2017.json"]), Throws.InstanceOf<IOException>().With.Message.Contains("captions"));
    }

    [Test]
    public void RoboflowsFoldersAreSplits()
    {
        foreach (string split in new[] { "train", "valid" })
        {
            Coco(path: $"{split}/_annotations.coco.json");
            _folder.Image($"{split}/a.png", 8, 6);
        }
        Assert.That(Read(new() { Split = "valid" }).Select(row => row.ImagePath), Is.All.EqualTo(_folder["valid/a.png"]));
        Assert.That(Read(new() { Split = "val" }), Has.Length.EqualTo(2));
        Assert.That(() => Read(), Throws.InstanceOf<IOException>().With.Message.Contains("train").And.Message.Contains("valid"));
    }

    // LVIS has no names but addresses, and its validation part has images of COCO's training part.
    [Test]
    public void LvisNamesFoldersOfCoco()
    {
        _folder.Write("annotations/lvis_v1_val.json", $$"""
            {"images": [{"id": 7, "coco_url": "http://images.cocodataset.org/train2017/000000000007.png", "width": 8, "height": 6, "neg_category_ids": [2.0], "not_exhaustive_category_ids": []}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "segmentation": {{Square}}}],
             "categories": [{"id": 1, "name": "dog", "frequency": "r"}, {"id": 2, "name": "cat", "frequency": "c"}]}
            """);
        _folder.Image("train2017/000000000007.png", 8, 6);
        AnnotatedQuery[] rows = Read(new() { IncludeAbsent = true });
        Assert.That(rows.Select(row => (row.Query, row.ImagePath)), Is.EqualTo(new[] { ("dog", _folder["train2017/000000000007.png"]), ("cat", _folder["train2017/000000000007.png"]) }));
    }

    [Test]
    public void NoTargetRowsOfGRefCocoAreAbsent()
    {
        Coco();
        _folder.Write("grefs(unc).json", """
            [{"ref_id": 0, "image_id": 7, "split": "val", "ann_id": [1, 2, 2], "category_id": [1, 1], "no_target": false, "sentences": [{"sent": "both dogs"}]},
             {"ref_id": 1, "image_id": 7, "split": "val", "ann_id": [-1], "category_id": [-1], "no_target": true, "sentences": [{"sent": "red bus", "exist": false}]}]
            """);
        Assert.That(Read().Select(row => (row.Query, row.Objects.Count)), Is.EqualTo(new[] { ("both dogs", 2) }));
        Assert.That(Read(new() { IncludeAbsent = true }).Select(row => row.Traits), Is.EqualTo(new[] { QueryTraits.None, QueryTraits.Absent }));
        _folder.Write("instances.json", File.ReadAllText(_folder["instances.json"]).Replace("\"id\": 2, \"image", "\"id\": 1, \"image"));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("annotation id 1 occurs twice"));
    }

    [Test]
    public void ReasonSegMayBeInWindows1252AndLeavesOutWhatIsIgnored()
    {
        _folder.Image("train/a.png", 8, 6);
        string json = """
            {"text": "the dog’s “seat”", "is_sentence": true, "shapes": [{"label": "target", "points": [[0, 0], [6, 0], [6, 6], [0, 6]]}, {"label": "flag", "points": []},
             {"label": "ignore", "points": [[0, 0], [2, 0], [2, 2], [0, 2]]}, {"label": "Ignore", "points": [[0, 0], [8, 0], [8, 6], [0, 6]]}]}
            """;
        _folder.Write("train/a.json", [.. json.Select(letter => letter switch { '’' => (byte)0x92, '“' => (byte)0x93, '”' => (byte)0x94, _ => (byte)letter })]);
        AnnotatedQuery row = Read().Single();
        Assert.That((row.Query, row.Mask), Is.EqualTo(("the dog’s “seat”", RandomMasks.Where(8, 6, (x, y) => x < 6 && !(x < 2 && y < 2)))));
    }

    // --- masks

    [TestCase("a_mask.png")]
    [TestCase("a-mask.PNG")]
    [TestCase("A.png")]
    [TestCase("a.mask.png")]
    [TestCase("a_segmentation.bmp")]
    [TestCase("a.jpg")]
    [TestCase("a.webp")]
    public void MasksMayHaveASuffixAndOtherFormats(string mask)
    {
        _folder.Image("images/a.png", 40, 30);
        _folder.Image("images/b.png", 40, 30);
        SegmentationMask expected = RandomMasks.Where(40, 30, (x, y) => x is >= 8 and < 24 && y >= 8 && y < 24);
        WriteMask($"masks/{mask}", expected);
        _folder.Write("masks/._a.png", "a companion");
        _folder.Write("images/._a.png", "a companion");
        _folder.Write("masks/Thumbs.db", "");
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        AnnotatedQuery row = data.Read().Single();
        Assert.That((row.ImageId, row.Mask), Is.EqualTo(("a", expected)));
        Assert.That(data.Notes.Problems, Has.Some.Contains("1 of 2 images have no mask, such as 'b'"));
    }

    [Test]
    public void MasksThatAreNotReadAreTold()
    {
        _folder.Image("images/a.png", 8, 6);
        _folder.Image("images/c.png", 8, 6);
        _folder.Write("images/d.tiff", "II*");
        _folder.Mask("masks/a_1.png", SegmentationMask.Empty(8, 6));
        _folder.Mask("masks/a_2.png", SegmentationMask.Empty(8, 6));
        _folder.Mask("masks/b.png", SegmentationMask.Empty(8, 6));
        _folder.Write("masks/c.tif", "II*");
        _folder.Write("masks/c.npy", "");
        var skipped = new SkippedRows();
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path, new() { Skipped = skipped });
        Assert.That(data.Read(), Is.Empty);
        Assert.That(skipped.Problems, Has.Exactly(4).Items.And.Some.Contains("2 masks could be meant for 'a.png'").And.Some.Contains("b.png': it is a mask of no image")
            .And.Some.Contains("c.tif': masks of this format").And.Some.Contains("d.tiff': pictures of this format"));
        Assert.That(data.Notes.Problems, Has.Some.Contains("c.npy"));
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void APhotographIsNoMask()
    {
        _folder.Image("images/a.png", 64, 64);
        var grey = new RgbImage(64, 64);
        Array.Fill(grey.Pixels, (byte)90);
        Directory.CreateDirectory(_folder["masks"]);
        grey.Save(_folder["masks/a.jpg"]);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("brightest pixel is 90 of 255"));
        new Random(1).NextBytes(grey.Pixels);
        grey.Save(_folder["masks/a.jpg"]);
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("neither dark nor bright"));
    }

    [Test]
    public void LabelMapsKnowCapitalsAndCompanions()
    {
        _folder.Write("labels.txt", "18: dog\n");
        _folder.Image("Images/IMG_1.png", 2, 1);
        File.Move(_folder["Images/IMG_1.png"], _folder["Images/IMG_1.PNG"]);
        _folder.Labels("stuffthingmaps/img_1.png", 2, 1, 17, 255);
        _folder.Write("stuffthingmaps/._img_1.png", "a companion");
        Assert.That(Read().Single().ImagePath, Is.EqualTo(_folder["Images/IMG_1.PNG"]));
        _folder.Write("stuffthingmaps/b.jpg", "");
        Assert.That(() => Read(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("b.jpg': label maps must be PNGs"));
    }

    [TestCase("a.zip", "unpack it")]
    [TestCase("refs(unc).p", "pickle")]
    [TestCase("annotations.xml", "COCO 1.0")]
    [TestCase("notes.json", "in no format of annotations that is read")]
    public void WhatIsNotReadIsNamedWithWhatToDo(string file, string advice)
    {
        _folder.Write(file, "{}");
        _folder.Image("images/a.png", 2, 1);
        Assert.That(() => Read(), Throws.InstanceOf<IOException>().With.Message.Contains(advice).And.Message.Contains("images/").And.Message.Contains(file));
    }

    private void WriteMask(string file, SegmentationMask mask)
    {
        if (!file.EndsWith(".jpg", StringComparison.Ordinal) && !file.EndsWith(".webp", StringComparison.Ordinal) && !file.EndsWith(".bmp", StringComparison.Ordinal))
        {
            _folder.Mask(file, mask);
            return;
        }
        var image = new RgbImage(mask.Width, mask.Height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = mask[i / 3 % mask.Width, i / 3 / mask.Width] ? (byte)255 : (byte)0;
        if (file.EndsWith(".bmp", StringComparison.Ordinal))
        {
            _folder.Write(file, TestBmp.Encode(image));
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        image.Save(_folder[file]);
    }
}
