using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Scenes.Tests;

public class SceneComposerTests
{
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    [Test]
    public void ASceneDependsOnItsNumberAloneNotOnThreadsOrOrder()
    {
        const int count = 60;
        var composer = _pictures.Compose(SyntheticPictures.PlainColours with { BrightnessJitter = 0.1, ContrastJitter = 0.2 });
        var inOrder = Enumerable.Range(0, count).Select(i => composer.Compose(SceneSplit.Train, 5, i)).ToArray();
        var again = _pictures.Compose(SyntheticPictures.PlainColours with { BrightnessJitter = 0.1, ContrastJitter = 0.2 });
        var inParallel = new ComposedScene[count];
        Parallel.For(0, count, i => inParallel[count - 1 - i] = again.Compose(SceneSplit.Train, 5, count - 1 - i));
        for (int i = 0; i < count; i++)
        {
            Assert.That(inParallel[i].Image.Pixels, Is.EqualTo(inOrder[i].Image.Pixels));
            Assert.That(inParallel[i].Objects, Is.EqualTo(inOrder[i].Objects));
        }
    }

    [Test]
    public void OtherSeedsSplitsAndIndicesGiveOtherScenes()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        var scenes = new[]
        {
            composer.Compose(SceneSplit.Train, 1, 0), composer.Compose(SceneSplit.Train, 1, 1), composer.Compose(SceneSplit.Train, 2, 0),
            composer.Compose(SceneSplit.Tune, 1, 0), composer.Compose(SceneSplit.Test, 1, 0), composer.Compose(SceneSplit.UnseenCutout, 1, 0),
        };
        Assert.That(scenes.Select(scene => Convert.ToHexString(scene.Image.Pixels)), Is.Unique);
    }

    [Test]
    public void AMaskIsWhereItsObjectMakesUpHalfOfTheColour()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        int covered = 0;
        for (int index = 0; index < 200; index++)
        {
            var scene = composer.Compose(SceneSplit.Train, 3, index);
            foreach (var seen in scene.Objects)
            {
                // Objects are pure, the background is black: the channel of a noun is the share of its object.
                int channel = 2 - Array.IndexOf(SyntheticPictures.Nouns, seen.Noun);
                for (int i = 0; i < scene.Image.Width * scene.Image.Height; i++)
                {
                    int share = scene.Image.Pixels[3 * i + channel];
                    if (share is >= 127 and <= 128)
                        continue; // rounded too near to one half to tell
                    if (seen.Mask[i % scene.Image.Width, i / scene.Image.Width] != share > 127)
                        Assert.Fail($"scene {index}, {seen.Noun}, pixel {i}: {share} of 255");
                }
                covered += seen.VisibleFraction < 0.9 ? 1 : 0;
            }
        }
        Assert.That(covered, Is.GreaterThan(20), "there must be objects that cover others");
    }

    [Test]
    public void ObjectsHaveDistinctNounsAndTheirNumbersAndVisibilityAreInRange()
    {
        var options = SyntheticPictures.PlainColours with { MinObjects = 1, MaxObjects = 3 };
        var composer = _pictures.Compose(options);
        var counts = new HashSet<int>();
        for (int index = 0; index < 200; index++)
        {
            var objects = composer.Compose(SceneSplit.Test, 1, index).Objects;
            counts.Add(objects.Count);
            Assert.That(objects.Select(seen => seen.Noun), Is.Unique);
            Assert.That(objects.Any(seen => seen.IsQueryable), Is.True);
            foreach (var seen in objects)
            {
                Assert.That(seen.VisibleFraction, Is.InRange(0, 1));
                bool enough = seen.VisibleFraction >= options.MinVisibleFraction && seen.Mask.Area >= options.MinVisibleArea * 96 * 96;
                Assert.That(seen.IsQueryable, Is.EqualTo(enough && seen.Mask.Area > 0));
            }
        }
        Assert.That(counts, Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void CutoutsKeptBackOccurInTheirOwnSplitAloneAndAreWhatIsAskedAbout()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        for (int index = 0; index < 100; index++)
        {
            foreach (var split in new[] { SceneSplit.Train, SceneSplit.Tune, SceneSplit.Test })
                Assert.That(composer.Compose(split, 1, index).Objects.Select(seen => seen.Cutout), Has.None.EndsWith("2.png"));
            var objects = composer.Compose(SceneSplit.UnseenCutout, 1, index).Objects;
            Assert.That(objects.Where(seen => seen.IsQueryable).Select(seen => seen.Cutout), Has.One.Items.And.All.EndsWith("2.png"));
        }
    }

    [Test]
    public void NounsVisibleInTheBackgroundAreNeitherPastedNorAskedAbout()
    {
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,red,sky\nb.png,test,green;blue,sea\nc.png,tune,,sky\n");
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        for (int index = 0; index < 50; index++)
        {
            Assert.That(composer.Compose(SceneSplit.Train, 1, index).Objects.Select(seen => seen.Noun), Has.None.EqualTo("red"));
            Assert.That(composer.Compose(SceneSplit.Test, 1, index).Objects.Select(seen => seen.Noun), Is.EqualTo(new[] { "red" }));
            Assert.That(composer.Compose(SceneSplit.UnseenCutout, 1, index).Objects.Select(seen => seen.Noun), Is.EqualTo(new[] { "red" }));
        }
    }

    [Test]
    public void EverySplitUsesItsOwnBackgrounds()
    {
        _pictures.SaveBackground("a.png", 40);
        _pictures.SaveBackground("b.png", 80);
        _pictures.SaveBackground("c.png", 120);
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,,sky\nb.png,tune,,sky\nc.png,test,,sky\n");
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        foreach (var (split, grey) in new[] { (SceneSplit.Train, 40), (SceneSplit.Tune, 80), (SceneSplit.Test, 120), (SceneSplit.UnseenCutout, 120) })
            for (int index = 0; index < 20; index++)
            {
                byte[] pixels = composer.Compose(split, 1, index).Image.Pixels;
                int same = Enumerable.Range(0, pixels.Length / 3).Count(i => pixels[3 * i] == grey && pixels[3 * i + 1] == grey && pixels[3 * i + 2] == grey);
                Assert.That(same, Is.GreaterThan(pixels.Length / 3 / 10), $"{split} {index}");
            }
    }

    [Test]
    public void ObjectsAndBackgroundsAreFlippedPlacedAndSizedAnew()
    {
        var options = SyntheticPictures.PlainColours with { MinObjects = 1, MaxObjects = 1 };
        var composer = _pictures.Compose(options);
        var boxes = Enumerable.Range(0, 300).Select(i => composer.Compose(SceneSplit.Train, 1, i).Objects[0].Mask.Box).ToArray();
        double longest = boxes.Max(box => Math.Max(box.Width, box.Height)), shortest = boxes.Where(box => box.X0 > 0 && box.Y0 > 0 && box.X1 < 96 && box.Y1 < 96).Min(box => Math.Max(box.Width, box.Height));
        Assert.That(longest, Is.InRange(0.4 * 96, options.MaxObjectSide * 96 + 1));
        Assert.That(shortest, Is.InRange(0.1 * 96, 0.25 * 96));
        Assert.That(boxes.Select(box => box.Center.X).Average(), Is.EqualTo(48).Within(8));
        Assert.That(boxes.Select(box => box.Center.Y).Average(), Is.EqualTo(48).Within(8));
    }

    [Test]
    public void QueriesAskAboutEveryQueryableObjectInTurn()
    {
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        var queries = new SceneQueries(composer, SceneSplit.Train, 4);
        var places = new HashSet<int>();
        for (int index = 0; index < 100; index++)
        {
            var query = queries[index];
            Assert.That(query.Target!.IsQueryable, Is.True);
            Assert.That(query.Scene.Objects, Does.Contain(query.Target));
            Assert.That((composer.Assets.Nouns[query.Noun], query.Text), Is.EqualTo((query.Target.Noun, query.Target.Noun)));
            Assert.That(queries[index].Target, Is.EqualTo(query.Target));
            places.Add(query.Scene.Objects.ToList().IndexOf(query.Target));
        }
        Assert.That(places, Is.EquivalentTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void WhatIsMissingForASplitIsNamed()
    {
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,red;green;blue,sky\nb.png,test,,sky\n");
        File.WriteAllText(Path.Combine(_pictures.Cutouts, "cutouts.csv"), "file,noun,split\nred/0.png,red,train\n");
        var composer = _pictures.Compose(SyntheticPictures.PlainColours);
        Assert.That(() => composer.Compose(SceneSplit.Train, 1, 0), Throws.InvalidOperationException.With.Message.Contains("a.png"));
        Assert.That(() => composer.Compose(SceneSplit.Tune, 1, 0), Throws.InvalidOperationException.With.Message.Contains("Tune"));
        Assert.That(() => composer.Compose(SceneSplit.UnseenCutout, 1, 0), Throws.InvalidOperationException.With.Message.Contains("unseen"));
        Assert.That(composer.Compose(SceneSplit.Test, 1, 0).Objects, Has.One.Items, "one noun makes scenes of one object");
    }
}
