using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Scenes;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class DataSetWriterTests
{
    private static readonly WrittenCategory[] Thing = [new("thing")];
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    private string Target => Path.Combine(_pictures.Folder, "out");

    // Several instances, groups, and some nouns far rarer than others.
    private SceneComposer Composer() => _pictures.Compose(SyntheticPictures.PlainColours with { MaxInstances = 3, GroupShare = 0.3, NounSkew = 1 });

    [TestCase(DataSetLayout.Coco)]
    [TestCase(DataSetLayout.Lvis)]
    [TestCase(DataSetLayout.CocoPanoptic)]
    [TestCase(DataSetLayout.CocoStuff)]
    [TestCase(DataSetLayout.OpenImages)]
    [TestCase(DataSetLayout.RefCoco)]
    [TestCase(DataSetLayout.ReasonSeg)]
    [TestCase(DataSetLayout.Folder)]
    public void WrittenScenesAreTheComposedOnesBitForBit(DataSetLayout layout)
    {
        const int Scenes = 24;
        SceneComposer composer = Composer();
        ComposedSceneExport.Write(composer, SceneSplit.Tune, Scenes, 9, Target, layout);
        SegmentationDataSet data = DataSetFinder.Open(Target, new() { IncludeAbsent = true });
        Assert.That(data.Layout, Is.EqualTo(layout));
        AnnotatedQuery[] rows = [.. data.Read()];
        bool instances = layout is not (DataSetLayout.CocoStuff or DataSetLayout.Folder);
        bool stuff = layout is DataSetLayout.CocoPanoptic or DataSetLayout.CocoStuff;
        bool absent = layout is not (DataSetLayout.CocoPanoptic or DataSetLayout.CocoStuff);

        int expected = 0;
        for (int i = 0; i < Scenes; i++)
        {
            ComposedScene scene = composer.Compose(SceneSplit.Tune, 9, i);
            WrittenImage written = ComposedSceneExport.ToWrite(scene, composer.Assets);
            AnnotatedQuery[] mine = [.. rows.Where(row => IsOf(row, layout, i))];
            Assert.That(RgbImage.Load(mine[0].ImagePath).Pixels, Is.EqualTo(scene.Image.Pixels));
            foreach (var group in scene.Objects.Where(seen => seen.Mask.Area > 0).GroupBy(seen => seen.Noun))
            {
                expected++;
                AnnotatedQuery row = mine.Single(one => one.Query == group.Key);
                Assert.That(row.Traits & (QueryTraits.Absent | QueryTraits.Stuff), Is.EqualTo(QueryTraits.None));
                SegmentationMask[] masks = [.. group.Select(seen => seen.Mask)];
                // OpenImages gives groups a box and no mask.
                SegmentationMask?[] kept = [.. group.Select(seen => layout == DataSetLayout.OpenImages && seen.IsGroup ? null : seen.Mask)];
                Assert.That(row.Mask, Is.EqualTo(SegmentationMask.Union(kept.OfType<SegmentationMask>(), 96, 96)));
                if (!instances)
                    continue;
                Assert.That(row.Objects.Select(seen => seen.Mask), Is.EqualTo(kept));
                Assert.That(row.Objects.Select(seen => seen.Box), Is.EqualTo(masks.Select(mask => mask.Box)));
                if (layout is DataSetLayout.Coco or DataSetLayout.CocoPanoptic or DataSetLayout.OpenImages or DataSetLayout.RefCoco)
                    Assert.That(row.Objects.Select(seen => seen.Traits.HasFlag(ObjectTraits.Group)), Is.EqualTo(group.Select(seen => seen.IsGroup)));
                if (layout == DataSetLayout.Lvis)
                    Assert.That(row.Traits.HasFlag(QueryTraits.NotExhaustive), Is.EqualTo(group.Any(seen => seen.IsGroup)));
            }
            if (stuff && written.Stuff[0].Mask.Area > 0)
            {
                expected++;
                AnnotatedQuery row = mine.Single(one => one.Query == scene.Backdrop.Stuff);
                Assert.That((row.Mask, row.Traits), Is.EqualTo((written.Stuff[0].Mask, QueryTraits.Stuff)));
            }
            if (absent)
            {
                // COCO looks for every category in every image; other layouts note which.
                string[] names = layout == DataSetLayout.Coco
                    ? [.. composer.Assets.Nouns.Except(scene.Objects.Where(seen => seen.Mask.Area > 0).Select(seen => seen.Noun))]
                    : [.. written.Absent.Select(noun => composer.Assets.Nouns[noun])];
                expected += names.Length;
                Assert.That(mine.Where(row => row.Traits.HasFlag(QueryTraits.Absent)).Select(NounOf), Is.EquivalentTo(names));
            }
        }
        Assert.That(rows, Has.Length.EqualTo(expected));
    }

    private static string NounOf(AnnotatedQuery row) => row.Query;

    private static bool IsOf(AnnotatedQuery row, DataSetLayout layout, int scene) => layout switch
    {
        DataSetLayout.OpenImages => row.ImageId == $"{scene:x16}",
        DataSetLayout.ReasonSeg => row.ImageId.StartsWith($"{scene:D12}_", StringComparison.Ordinal),
        DataSetLayout.Coco or DataSetLayout.Lvis or DataSetLayout.CocoPanoptic or DataSetLayout.RefCoco => row.ImageId == $"{scene}",
        _ => row.ImageId == $"{scene:D12}",
    };

    [Test]
    public void ScenesHaveSeveralInstancesGroupsAndRareNouns()
    {
        SceneComposer composer = Composer();
        SceneObject[][] scenes = [.. Enumerable.Range(0, 200).Select(i => composer.Compose(SceneSplit.Train, 1, i).Objects.ToArray())];
        Assert.That(scenes.Any(objects => objects.GroupBy(seen => seen.Noun).Any(group => group.Count() == 3)), Is.True);
        Assert.That(scenes.SelectMany(objects => objects).Count(seen => seen.IsGroup), Is.InRange(50, 200));
        // Of three nouns with weights 1, 1/2 and 1/3, two or three a scene without repeating: the first is in most scenes.
        int[] images = [.. composer.Assets.Nouns.Select(noun => scenes.Count(objects => objects.Any(seen => seen.Noun == noun)))];
        Assert.That(images, Is.Ordered.Descending);
    }

    [TestCase(DataSetLayout.Coco, 0)]
    [TestCase(DataSetLayout.Coco, 1)]
    [TestCase(DataSetLayout.Lvis, 0)]
    [TestCase(DataSetLayout.Lvis, 1)]
    [TestCase(DataSetLayout.RefCoco, 1)]
    [TestCase(DataSetLayout.OpenImages, 1)]
    [TestCase(DataSetLayout.Folder, 1)]
    public void WhatTheBackgroundShowsIsNotWrittenAsAbsent(DataSetLayout layout, int noted)
    {
        const int Scenes = 30;
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,red,sky\nb.png,train,,sea\nc.png,tune,,sky\nd.png,test,,sky\n");
        SceneComposer composer = _pictures.Compose(SyntheticPictures.PlainColours with { MinObjects = 1, MaxObjects = 1, AbsentNouns = noted });
        ComposedSceneExport.Write(composer, SceneSplit.Train, Scenes, 9, Target, layout);
        SegmentationDataSet data = DataSetFinder.Open(Target, new() { IncludeAbsent = true });
        Assert.That(data.Layout, Is.EqualTo(layout));
        AnnotatedQuery[] absent = [.. data.Read().Where(row => row.Traits.HasFlag(QueryTraits.Absent))];
        int shown = 0;
        for (int i = 0; i < Scenes; i++)
        {
            ComposedScene scene = composer.Compose(SceneSplit.Train, 9, i);
            shown += scene.Backdrop.Nouns.Count;
            string[] lacking = [.. composer.Assets.Nouns.Where(scene.Lacks)], mine = [.. absent.Where(row => IsOf(row, layout, i)).Select(NounOf)];
            // COCO looks for every category in every image; other layouts note as many as was said.
            Assert.That(mine, layout == DataSetLayout.Coco ? Is.EquivalentTo(lacking) : Has.Length.EqualTo(noted).And.SubsetOf(lacking));
        }
        Assert.That(shown, Is.Positive);
    }

    [Test]
    public void FrequenciesAreThoseOfLvis()
    {
        using (var writer = new CocoInstancesWriter(Target, [new("rare"), new("common"), new("frequent")], lvis: true))
        {
            var all = SegmentationMask.FromBox(new(0, 0, 2, 1), 2, 1);
            for (int i = 0; i < 101; i++)
                writer.Add(new(i, new RgbImage(2, 1), [new(2, all), .. i < 11 ? [new(1, all)] : Array.Empty<WrittenObject>(), .. i < 10 ? [new(0, all), new(0, all)] : Array.Empty<WrittenObject>()], [], []));
            writer.Complete();
        }
        Assert.That(DataSetFinder.Open(Target).Categories.Select(category => category.Traits), Is.EqualTo(new[] { QueryTraits.Rare, QueryTraits.Common, QueryTraits.Frequent }));
    }

    [Test]
    public void NamesWithQuotesCommasAndSpacesKeepThem()
    {
        string[] names = ["Cow, \"holy\"", " 5\" pipe", "=dog", "d\u00e9j\u00e0\nvu"];
        using (var writer = new OpenImagesWriter(Target, [.. names.Select(name => new WrittenCategory(name))]))
        {
            writer.Add(new(1, new RgbImage(2, 1), [new(0, SegmentationMask.FromBox(new(0, 0, 2, 1), 2, 1))], [], []));
            writer.Complete();
        }
        Assert.That(new OpenImages(Target).Categories.Select(category => category.Name), Is.EqualTo(names));
    }

    [Test]
    public void ProgressIsToldAfterEachScene()
    {
        var reported = new List<int>();
        ComposedSceneExport.Write(_pictures.Compose(SyntheticPictures.PlainColours), SceneSplit.Tune, 5, 9, Target, progress: new Told<int>(reported.Add));
        Assert.That(reported, Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));
    }

    [TestCase(DataSetLayout.Coco)]
    [TestCase(DataSetLayout.OpenImages)]
    public void AWriteThatFailsOrIsCancelledLeavesNothingBehind(DataSetLayout layout)
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        string[] before = Directory.GetFileSystemEntries(_pictures.Folder);
        Assert.That(() => ComposedSceneExport.Write(composer, SceneSplit.Train, 5, 1, Target, layout, new Told<int>(written =>
            throw new IOException("No space left on device"))), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFileSystemEntries(_pictures.Folder), Is.EquivalentTo(before));

        using var cancel = new CancellationTokenSource();
        Assert.That(() => ComposedSceneExport.Write(composer, SceneSplit.Train, 5, 1, Target, layout, new Told<int>(written =>
        {
            if (written == 3)
                cancel.Cancel();
        }), cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(_pictures.Folder), Is.EquivalentTo(before));
    }

    [Test]
    public void AFolderWithSomethingInItIsNotTouched()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "mine.txt"), "mine");
        Assert.That(() => new CocoInstancesWriter(Target, Thing), Throws.InstanceOf<IOException>().With.Message.Contains(Target));
        Assert.That(File.ReadAllText(Path.Combine(Target, "mine.txt")), Is.EqualTo("mine"));
    }

    [Test]
    public void MasksOfAnotherSizeAndUnknownCategoriesAreRefused()
    {
        using var writer = new CocoInstancesWriter(Target, Thing);
        var image = new RgbImage(4, 3);
        Assert.That(() => writer.Add(new(1, image, [new(0, SegmentationMask.Empty(3, 4))], [], [])), Throws.ArgumentException.With.Message.Contains("3 x 4"));
        Assert.That(() => writer.Add(new(1, image, [new(1, SegmentationMask.Empty(4, 3))], [], [])), Throws.ArgumentException.With.Message.Contains("category"));
        Assert.That(() => writer.Add(new(1, image, [], [], [1])), Throws.ArgumentException.With.Message.Contains("category"));
        Assert.That(() => writer.Add(new(1, image, [], [], []) { Unmasked = [-1] }), Throws.ArgumentException.With.Message.Contains("category"));
        writer.Add(new(1, image, [], [], []));
        Assert.That(() => writer.Add(new(1, image, [], [], [])), Throws.ArgumentException.With.Message.Contains("already"));
    }

    [Test]
    public void InspectionCountsAndFindsWhatIsWrong()
    {
        SceneComposer composer = Composer();
        ComposedSceneExport.Write(composer, SceneSplit.Tune, 10, 9, Target);
        var whole = DataSetInspection.Of(DataSetFinder.Open(Target), samples: 4);
        SceneObject[] objects = [.. Enumerable.Range(0, 10).SelectMany(i => composer.Compose(SceneSplit.Tune, 9, i).Objects).Where(seen => seen.Mask.Area > 0)];
        Assert.That((whole.Images, whole.Objects, whole.ProblemCount, whole.Samples.Count), Is.EqualTo((10, (long)objects.Length, 0L, 4)));
        Assert.That(whole.Groups, Is.EqualTo(objects.Count(seen => seen.IsGroup)));
        Assert.That(whole.Sizes, Is.EqualTo(((long)objects.Count(seen => seen.Mask.Area < 1024), (long)objects.Count(seen => seen.Mask.Area is >= 1024 and < 9216), 0L)));
        Assert.That(whole.Categories.Sum(one => one.Objects), Is.EqualTo(objects.Length));

        // The same id twice, a box beyond the image, a missing image and one of another size.
        string path = Path.Combine(Target, "instances.json"), json = File.ReadAllText(path);
        json = json.Replace("\"id\":2,\"image_id\"", "\"id\":1,\"image_id\"");
        int box = json.IndexOf("\"bbox\":[", StringComparison.Ordinal) + 8;
        File.WriteAllText(path, json.Insert(box, "9"));
        File.Delete(Path.Combine(Target, "images", "000000000003.png"));
        new RgbImage(5, 5).Save(Path.Combine(Target, "images", "000000000004.png"));
        var damaged = DataSetInspection.Of(DataSetFinder.Open(Target));
        Assert.That(damaged.Problems, Has.Some.Contains("object 1: has an id that another object has too").And.Some.Contains("lies outside the image")
            .And.Some.Contains("there is no file").And.Some.Contains("5 x 5"));
        Assert.That(damaged.ProblemCount, Is.EqualTo(4));
    }

    [Test]
    public void InspectionFindsEmptyMasks()
    {
        Directory.CreateDirectory(Target);
        new RgbImage(4, 3).Save(Path.Combine(Target, "a.png"));
        File.WriteAllText(Path.Combine(Target, "instances.json"), """
            {"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 8, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [12]}, "bbox": [0, 0, 2, 2]},
                             {"id": 9, "image_id": 1, "category_id": 1, "segmentation": [[6, 0, 9, 0, 9, 3]], "bbox": [6, 0, 3, 3]}]}
            """);
        Assert.That(DataSetInspection.Of(DataSetFinder.Open(Target)).Problems, Has.Exactly(3).Items
            .And.Some.Contains("object 8: has an empty mask").And.Some.Contains("object 9: has an empty mask").And.Some.Contains("object 9: lies outside the image"));
    }
}
