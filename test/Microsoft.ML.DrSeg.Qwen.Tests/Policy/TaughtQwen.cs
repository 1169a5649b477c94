using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A tiny Qwen that has learned the form of answers, taught once for all tests.</summary>
[SetUpFixture]
internal sealed class TaughtQwen
{
    private const int Steps = 120;

    private static readonly Lazy<(TinyQwenFolder Folder, double[] Losses)> Taught = new(() =>
    {
        var folder = new TinyQwenFolder();
        return (folder, FormWarmUp.Teach(folder, TinyScenes.Of, Steps));
    });

    public static TinyQwenFolder Folder => Taught.Value.Folder;

    /// <summary>Loss of every step of teaching.</summary>
    public static double[] Losses => Taught.Value.Losses;

    /// <summary>Prompts about whole images.</summary>
    public static PolicyPrompt[] Prompts(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => TinyScenes.Of(i)).Select(example => new PolicyPrompt(ImageView.Whole(example.Image), example.Query, example.Id))];

    [OneTimeTearDown]
    public static void Delete()
    {
        if (Taught.IsValueCreated) Folder.Dispose();
    }
}

/// <summary>A row to learn from, in memory.</summary>
internal sealed class SceneRow
{
    [ImageType(TinyQwenFolder.ImageSide, TinyQwenFolder.ImageSide)]
    public MLImage? Image { get; set; }

    public string Query { get; set; } = "";

    [SegmentationMaskType]
    public SegmentationMask? Mask { get; set; }

    public static SceneRow[] Many(int count) =>
        [.. Enumerable.Range(0, count).Select(i => TinyScenes.Of(i)).Select(example => new SceneRow { Image = example.Image.ToMLImage(), Query = example.Query, Mask = example.Mask })];
}
