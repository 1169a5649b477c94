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

    // The example of pycocotools' own tests.
    [Test]
    public void Compressed_run_lengths_are_those_of_pycocotools()
    {
        int[] runs = [6, 1, 40, 4, 5, 4, 5, 4, 21];
        bool[] rowMajor = new bool[90];
        for (int run = 0, at = 0; run < runs.Length; run++)
            for (int i = 0; i < runs[run]; i++, at++)
                rowMajor[at % 9 * 10 + at / 9] = run % 2 == 1;
        Assert.That(SegmentationMask.FromPixels(rowMajor, 10, 9).ToCompressedRunLengths(), Is.EqualTo("61X13mN000`0"));
    }

    [Test]
    public void Random_masks_survive_their_compressed_form()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 100; trial++)
        {
            int width = random.Next(1, 80), height = random.Next(1, 80), density = random.Next(1, 60);
            bool[] pixels = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(density) == 0)];
            var mask = SegmentationMask.FromPixels(pixels, width, height);
            Assert.That(Decode(mask.ToCompressedRunLengths(), width, height), Is.EqualTo(pixels));
        }
    }

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
                bool[] pixels = Decode(segmentation.GetProperty("counts").GetString()!, 96, 96);
                Assert.That(SegmentationMask.FromPixels(pixels, 96, 96), Is.EqualTo(seen.Mask));
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

    // The reverse of the compressed form, written from its description in COCO's mask API.
    private static bool[] Decode(string text, int width, int height)
    {
        var runs = new List<long>();
        for (int at = 0; at < text.Length;)
        {
            long value = 0;
            int shift = 0, group;
            do
            {
                group = text[at++] - 48;
                value |= (long)(group & 31) << shift;
                shift += 5;
            }
            while ((group & 32) != 0);
            if ((group & 16) != 0)
                value |= -1L << shift;
            runs.Add(runs.Count > 2 ? value + runs[^2] : value);
        }
        var pixels = new bool[width * height];
        int place = 0;
        for (int run = 0; run < runs.Count; run++)
            for (long i = 0; i < runs[run]; i++, place++)
                pixels[place % height * width + place / height] = run % 2 == 1;
        Assert.That(place, Is.EqualTo(pixels.Length));
        return pixels;
    }

    private sealed class Immediately(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
