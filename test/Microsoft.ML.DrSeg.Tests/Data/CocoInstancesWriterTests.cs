using System.Text.Json;
using Microsoft.ML.DrSeg.Data;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Data;

public class CocoInstancesWriterTests
{
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    private string Target => Path.Combine(_pictures.Folder, "out");

    [Test]
    public void Written_scenes_are_the_composed_ones()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        var reported = new List<int>();
        ComposedSceneExport.Write(composer, SceneSplit.Tune, 5, 9, Target, new Immediately(reported.Add));
        Assert.That(reported, Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Target, "instances.json")));
        var annotations = json.RootElement.GetProperty("annotations").EnumerateArray().ToArray();
        Assert.That(json.RootElement.GetProperty("categories").EnumerateArray().Select(c => (c.GetProperty("id").GetInt32(), c.GetProperty("name").GetString())),
            Is.EqualTo(new[] { (1, "blue"), (2, "green"), (3, "red") }));
        Assert.That(annotations.Select(a => a.GetProperty("id").GetInt32()), Is.Unique);
        foreach (var image in json.RootElement.GetProperty("images").EnumerateArray())
        {
            int id = image.GetProperty("id").GetInt32();
            var scene = composer.Compose(SceneSplit.Tune, 9, id);
            Assert.That(RgbImage.Load(Path.Combine(Target, "images", image.GetProperty("file_name").GetString()!)).Pixels, Is.EqualTo(scene.Image.Pixels));
            var written = annotations.Where(a => a.GetProperty("image_id").GetInt32() == id).ToDictionary(a => SyntheticPictures.Nouns[a.GetProperty("category_id").GetInt32() - 1]);
            Assert.That(written.Keys, Is.EquivalentTo(scene.Objects.Where(seen => seen.Mask.Area > 0).Select(seen => seen.Noun)));
            foreach (var seen in scene.Objects.Where(seen => seen.Mask.Area > 0))
            {
                var segmentation = written[seen.Noun].GetProperty("segmentation");
                Assert.That(segmentation.GetProperty("size").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(new[] { 96, 96 }));
                Assert.That(SegmentationMask.FromCompressedRunLengths(segmentation.GetProperty("counts").GetString()!, 96, 96), Is.EqualTo(seen.Mask));
                Assert.That(written[seen.Noun].GetProperty("area").GetInt64(), Is.EqualTo(seen.Mask.Area));
                var box = seen.Mask.Box;
                Assert.That(written[seen.Noun].GetProperty("bbox").EnumerateArray().Select(n => n.GetSingle()), Is.EqualTo(new[] { box.X0, box.Y0, box.Width, box.Height }));
            }
        }
    }

    [Test]
    public void A_write_that_fails_or_is_cancelled_leaves_nothing_behind()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        string[] before = Directory.GetFileSystemEntries(_pictures.Folder);
        Assert.That(() => ComposedSceneExport.Write(composer, SceneSplit.Train, 5, 1, Target, new Immediately(written =>
            throw new IOException("No space left on device"))), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFileSystemEntries(_pictures.Folder), Is.EquivalentTo(before));

        using var cancel = new CancellationTokenSource();
        Assert.That(() => ComposedSceneExport.Write(composer, SceneSplit.Train, 5, 1, Target, new Immediately(written =>
        {
            if (written == 3)
                cancel.Cancel();
        }), cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(_pictures.Folder), Is.EquivalentTo(before));
    }

    [Test]
    public void A_folder_with_something_in_it_is_not_touched()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "mine.txt"), "mine");
        Assert.That(() => new CocoInstancesWriter(Target, ["thing"]), Throws.InstanceOf<IOException>().With.Message.Contains(Target));
        Assert.That(File.ReadAllText(Path.Combine(Target, "mine.txt")), Is.EqualTo("mine"));
    }

    [Test]
    public void Masks_of_another_size_and_unknown_categories_are_refused()
    {
        using var writer = new CocoInstancesWriter(Target, ["thing"]);
        var image = new RgbImage(4, 3);
        Assert.That(() => writer.Add(1, image, [(0, SegmentationMask.Empty(3, 4))]), Throws.ArgumentException.With.Message.Contains("3 x 4"));
        Assert.That(() => writer.Add(1, image, [(1, SegmentationMask.Empty(4, 3))]), Throws.ArgumentException.With.Message.Contains("category"));
        writer.Add(1, image, []);
        Assert.That(() => writer.Add(1, image, []), Throws.ArgumentException.With.Message.Contains("already"));
    }

    private sealed class Immediately(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
