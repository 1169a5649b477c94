using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Scenes.Tests;

public class SceneQueriesTests
{
    private SyntheticPictures _pictures = null!;

    [SetUp]
    public void MakePictures() => _pictures = new();

    [TearDown]
    public void RemovePictures() => _pictures.Dispose();

    // Figures were published on these scenes: a setting that is off must not move a single draw.
    [Test]
    public void ScenesAndQueriesWithoutNewSettingsAreWhatTheyAlwaysWere()
    {
        SceneComposer composer = _pictures.Compose(new SceneOptions { Size = 96 });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SceneSplit split in Enum.GetValues<SceneSplit>())
        {
            var queries = new SceneQueries(composer, split, 5);
            for (int index = 0; index < 12; index++)
            {
                SceneQuery query = queries[index];
                hash.AppendData(query.Scene.Image.Pixels);
                hash.AppendData(Encoding.UTF8.GetBytes($"{query.Noun} {query.Target!.Noun} {query.Mask.ToCompressedRunLengths()}"));
                foreach (SceneObject seen in query.Scene.Objects)
                    hash.AppendData(Encoding.UTF8.GetBytes($"{seen.Noun} {seen.Cutout} {seen.IsQueryable} {seen.Mask.ToCompressedRunLengths()}"));
            }
        }
        Assert.That(Convert.ToHexString(hash.GetHashAndReset()), Is.EqualTo("D4E4F78BB60967D529C446D642454108F47264DB89BEFBF5D0D93C7D4AE9952C"));
    }

    [Test]
    public void WhatIsAbsentIsNowhereInTheSceneAndAskedAsOftenAsSaid()
    {
        const int Count = 400;
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,red,sky\nb.png,train,,sea\nc.png,tune,,sky\nd.png,test,,sky\n");
        SceneOptions options = SyntheticPictures.PlainColours with { MinObjects = 1, MaxObjects = 2 };
        SceneComposer never = _pictures.Compose(options), sometimes = _pictures.Compose(options with { AbsentShare = 0.4 });
        SceneQueries without = new(never, SceneSplit.Train, 5), queries = new(sometimes, SceneSplit.Train, 5);
        var asked = new Dictionary<string, int>();
        int possible = 0;
        for (int index = 0; index < Count; index++)
        {
            SceneQuery query = queries[index];
            Assert.That(query.Scene.Image.Pixels, Is.EqualTo(without[index].Scene.Image.Pixels), "the scenes stay the same");
            Assert.That(sometimes.Assets.Nouns[query.Noun], Is.EqualTo(query.Text));
            possible += SyntheticPictures.Nouns.Any(query.Scene.Lacks) ? 1 : 0;
            if (query.Target is { } target)
            {
                Assert.That(target, Is.EqualTo(without[index].Target), "and so do the queries about what is there");
                continue;
            }
            asked[query.Text] = asked.GetValueOrDefault(query.Text) + 1;
            Assert.That(query.Scene.Objects.Select(seen => seen.Noun).Concat(query.Scene.Backdrop.Nouns), Has.None.EqualTo(query.Text));
            Assert.That(query.Mask, Is.EqualTo(SegmentationMask.Empty(96, 96)));
            Assert.That(query.Objects, Is.Empty);
        }
        Assert.That(possible, Is.InRange(Count / 2, Count - 1), "there must be scenes with every noun, too");
        // Five standard deviations of a share of .4.
        Assert.That(asked.Values.Sum(), Is.EqualTo(0.4 * possible).Within(5 * Math.Sqrt(0.24 * possible)));
        Assert.That(asked.Keys, Is.EquivalentTo(SyntheticPictures.Nouns));
    }

    [TestCase(SceneSplit.Train)]
    [TestCase(SceneSplit.UnseenCutout)]
    public void ASceneThatLacksNothingIsAskedForWhatItShows(SceneSplit split)
    {
        SceneComposer composer = _pictures.Compose(SyntheticPictures.PlainColours with { AbsentShare = 1 });
        var queries = new SceneQueries(composer, split, 2);
        var present = new HashSet<bool>();
        for (int index = 0; index < 60; index++)
        {
            SceneQuery query = queries[index];
            present.Add(query.Target is not null);
            Assert.That(query.Target is not null, Is.EqualTo(query.Scene.Objects.Count == 3));
        }
        Assert.That(present, Has.Count.EqualTo(2));
    }

    [Test]
    public void SeveralObjectsOfANounAreTheVisiblePartsOfEach()
    {
        SceneComposer composer = _pictures.Compose(SyntheticPictures.PlainColours with { MaxInstances = 3, MaxObjectSide = 0.8 });
        var queries = new SceneQueries(composer, SceneSplit.Train, 6);
        var counts = new HashSet<int>();
        int covered = 0;
        for (int index = 0; index < 150; index++)
        {
            SceneQuery query = queries[index];
            SceneObject[] pasted = [.. query.Scene.Objects.Where(seen => seen.Noun == query.Text)];
            Assert.That(query.Objects, Is.EqualTo(pasted.Where(seen => seen.Mask.Area > 0).Select(seen => seen.Mask)), "in the order of painting");
            Assert.That(query.Mask, Is.EqualTo(SegmentationMask.Union(query.Objects, 96, 96)));
            Assert.That(query.Objects.Sum(mask => mask.Area), Is.EqualTo(query.Mask.Area), "no pixel is of two objects");
            counts.Add(query.Objects.Count);
            covered += pasted.Count(seen => seen.Mask.Area > 0 && seen.VisibleFraction < 0.5);
            // Objects are pure and the background is black: an object that owns a pixel gives it at least half of its light.
            int channel = 2 - Array.IndexOf(SyntheticPictures.Nouns, query.Text);
            for (int i = 0; i < 96 * 96; i++)
                if (query.Mask[i % 96, i / 96] && query.Scene.Image.Pixels[3 * i + channel] < 127)
                    Assert.Fail($"scene {index}, pixel {i}: {query.Scene.Image.Pixels[3 * i + channel]} of 255");
        }
        Assert.That(counts, Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(covered, Is.GreaterThan(10), "some objects must cover others");
    }

    [Test]
    public void AnObjectThatIsWhollyCoveredIsNeitherFoundNorLacking()
    {
        SegmentationMask Box(int x) => SegmentationMask.FromBox(new(x, 0, x + 2, 4), 8, 4);
        SceneObject Seen(string noun, SegmentationMask mask) => new(noun, $"{noun}.png", mask, 1, IsQueryable: mask.Area > 0);
        var nothing = SegmentationMask.Empty(8, 4);
        var scene = new ComposedScene(new RgbImage(8, 4), [Seen("cat", Box(0)), Seen("cat", nothing), Seen("dog", Box(2)), Seen("cat", Box(6)), Seen("cow", nothing)], 0, new("sky", ["bird"]));
        Assert.Multiple(() =>
        {
            Assert.That(scene.MasksOf("cat"), Is.EqualTo(new[] { Box(0), Box(6) }));
            Assert.That(scene.MasksOf("cow"), Is.Empty);
            Assert.That(new[] { "cat", "cow", "bird", "fish" }.Select(scene.Lacks), Is.EqualTo(new[] { false, false, false, true }));
        });
    }

    [TestCase(-0.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void ShareOfAbsentThingsIsAShare(double share) =>
        Assert.That(() => _pictures.Compose(new SceneOptions { AbsentShare = share }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("AbsentShare").And.Message.Contains("0 to 1"));

    [Test]
    public void NoLessThanNoNounIsNotedAsAbsent() =>
        Assert.That(() => _pictures.Compose(new SceneOptions { AbsentNouns = -1 }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("AbsentNouns").And.Message.Contains("at least 0"));
}
