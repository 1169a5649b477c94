using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Scenes.Tests;

public class SceneAssetsTests
{
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    [Test]
    public void TheReviewedTablesKeepTheirRules()
    {
        var cutouts = SceneTables.DebianCutouts;
        var backgrounds = SceneTables.DebianBackgrounds;
        Assert.That(SceneVocabulary.Nouns, Has.Count.InRange(16, 32).And.Ordered.And.Unique);
        Assert.That(cutouts.Select(cutout => cutout.File), Is.Unique);
        Assert.That(backgrounds.Select(background => background.File), Is.Unique);
        foreach (var noun in cutouts.GroupBy(cutout => cutout.Noun))
        {
            Assert.That(noun.Count(cutout => cutout.Unseen), Is.EqualTo(1), noun.Key);
            Assert.That(noun.Count(cutout => !cutout.Unseen), Is.GreaterThanOrEqualTo(1), noun.Key);
        }
        foreach (var split in new[] { SceneSplit.Train, SceneSplit.Tune, SceneSplit.Test })
            Assert.That(backgrounds.Count(background => background.Split == split && !background.Nouns.Intersect(SceneVocabulary.Nouns).Any()), Is.GreaterThanOrEqualTo(2), $"{split}");
    }

    [Test]
    public void EveryPictureOfTheTablesCanBeRead()
    {
        var assets = SceneAssets.LoadDebian(DebianPictures.RootOrSkip());
        Assert.That(assets.Nouns, Is.EqualTo(SceneVocabulary.Nouns));
        var composer = new SceneComposer(assets);
        var visible = SceneTables.DebianBackgrounds.SelectMany(background => background.Nouns).ToHashSet();
        Assert.That(visible.Intersect(assets.Nouns), Is.EquivalentTo(new[] { "bird", "dog", "flower", "tree" }), "reviewed by eye");
        foreach (var split in Enum.GetValues<SceneSplit>())
            Assert.That(composer.Compose(split, 1, 0).Objects.Any(seen => seen.IsQueryable), Is.True);
    }

    [Test]
    public void FoldersWithoutTablesAreReadByTheirNames()
    {
        SyntheticPictures.SaveCutout(Path.Combine(_pictures.Cutouts, "Rubber_duck-2.png"), 0, 20, 20, 1);
        var entries = SceneTables.CutoutsOf(_pictures.Cutouts);
        Assert.That(entries.Select(entry => entry.Noun).Distinct(), Is.EquivalentTo(new[] { "blue", "green", "red", "rubber duck" }));
        Assert.That(entries.Where(entry => entry.Unseen).Select(entry => entry.File), Is.EquivalentTo(new[] { "blue/2.png", "green/2.png", "red/2.png" }));
        Assert.That(SceneTables.BackgroundsOf(_pictures.Backgrounds).GroupBy(entry => entry.Split).Select(group => (group.Key, group.Count())),
            Is.EquivalentTo(new[] { (SceneSplit.Train, 3), (SceneSplit.Tune, 1), (SceneSplit.Test, 1) }));
    }

    [Test]
    public void CutoutsAreTrimmedToWhatIsOpaqueAndShrunkToWhatIsNeeded()
    {
        byte[] rgba = new byte[4 * 60 * 50];
        for (int y = 10; y < 30; y++)
            for (int x = 5; x < 45; x++)
                new byte[] { 200, 100, 50, 255 }.CopyTo(rgba, 4 * (y * 60 + x));
        SyntheticPictures.SavePng(Path.Combine(_pictures.Folder, "plank.png"), 60, 50, rgba);
        var cutout = Cutout.Load(_pictures.Folder, new("plank.png", "plank", false), 10);
        Assert.That((cutout.Width, cutout.Height, cutout.LongerSide), Is.EqualTo((10, 5, 40)));
        Assert.That(cutout.Pixels.Chunk(4), Is.All.EqualTo(new byte[] { 200, 100, 50, 255 }));
    }

    [Test]
    public void ColoursAreMultipliedByAlphaOnce()
    {
        byte[] rgba = [.. Enumerable.Repeat(new byte[] { 200, 100, 50, 255 }, 8).SelectMany(pixel => pixel), .. Enumerable.Repeat(new byte[] { 200, 100, 50, 128 }, 8).SelectMany(pixel => pixel)];
        SyntheticPictures.SavePng(Path.Combine(_pictures.Folder, "half.png"), 4, 4, rgba);
        var cutout = Cutout.Load(_pictures.Folder, new("half.png", "half", false), 100);
        Assert.That(cutout.Pixels[..4], Is.EqualTo(new byte[] { 200, 100, 50, 255 }));
        Assert.That(cutout.Pixels[^4..], Is.EqualTo(new byte[] { 100, 50, 25, 128 }));
    }

    [Test]
    public void BadPicturesAreNamed()
    {
        string folder = Path.Combine(_pictures.Cutouts, "red");
        File.WriteAllBytes(Path.Combine(folder, "0.png"), File.ReadAllBytes(Path.Combine(folder, "1.png"))[..60]);
        Assert.That(Load, Throws.InstanceOf<InvalidDataException>().With.Message.Contains(Path.Combine("red", "0.png")).Or.Message.Contains("red/0.png"));

        new RgbImage(9, 9).Save(Path.Combine(folder, "0.png"));
        Assert.That(Load, Throws.InstanceOf<InvalidDataException>().With.Message.Contains("red/0.png").And.Message.Contains("no transparent pixel"));

        SyntheticPictures.SavePng(Path.Combine(folder, "0.png"), 4, 4, new byte[64]);
        Assert.That(Load, Throws.InstanceOf<InvalidDataException>().With.Message.Contains("red/0.png").And.Message.Contains("no opaque pixel"));
    }

    [TestCase("file,noun,split\nred/0.png,red,often\n", "row 2")]
    [TestCase("file,noun,split\nred/0.png,red,train\n\nred/1.png,red\n", "row 4")]
    [TestCase("file,noun,split\nred/0.png,,train\n", "noun")]
    [TestCase("noun,file\n", "file,noun,split")]
    [TestCase("", "file,noun,split")]
    public void BadTablesAreNamedWithTheirRow(string table, string said)
    {
        File.WriteAllText(Path.Combine(_pictures.Cutouts, "cutouts.csv"), table);
        Assert.That(Load, Throws.InstanceOf<InvalidDataException>().With.Message.Contains("cutouts.csv").And.Message.Contains(said));
    }

    [Test]
    public void MissingFilesAndFoldersAreNamed()
    {
        File.WriteAllText(Path.Combine(_pictures.Cutouts, "cutouts.csv"), "file,noun,split\nred/7.png,red,train\n");
        Assert.That(Load, Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("red/7.png"));
        Assert.That(() => SceneAssets.LoadFolders(Path.Combine(_pictures.Folder, "none"), _pictures.Backgrounds), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("none"));
        Assert.That(() => SceneAssets.LoadDebian(_pictures.Folder), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("build.sh setup"));
    }

    [Test]
    public void TheVariableSaysWhereThePicturesAre()
    {
        string? before = Environment.GetEnvironmentVariable("DRSEG_ASSETS");
        try
        {
            Environment.SetEnvironmentVariable("DRSEG_ASSETS", _pictures.Folder);
            Assert.That(SceneAssets.FindRoot(), Is.EqualTo(_pictures.Folder));
            Environment.SetEnvironmentVariable("DRSEG_ASSETS", Path.Combine(_pictures.Folder, "none"));
            Assert.That(SceneAssets.FindRoot, Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("DRSEG_ASSETS").And.Message.Contains("none"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DRSEG_ASSETS", before);
        }
    }

    [Test]
    public void OptionsOutsideTheirRangeAreNamed()
    {
        Assert.That(() => SceneAssets.LoadFolders(_pictures.Cutouts, _pictures.Backgrounds, new() { MaxObjects = 1 }),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("MaxObjects"));
        Assert.That(() => SceneAssets.LoadFolders(_pictures.Cutouts, _pictures.Backgrounds, new() { MinBackgroundCrop = double.NaN }),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("MinBackgroundCrop"));
    }

    private void Load() => SceneAssets.LoadFolders(_pictures.Cutouts, _pictures.Backgrounds);
}
