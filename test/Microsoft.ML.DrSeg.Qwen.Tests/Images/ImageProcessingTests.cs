using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ImageProcessingTests
{
    private const string Colours = "\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [0.4, 0.5, 0.6]";

    [TestCase("\"min_pixels\": 3136, \"max_pixels\": 12845056")]
    [TestCase("\"size\": {\"shortest_edge\": 3136, \"longest_edge\": 12845056}")]
    [TestCase("\"size\": {\"min_pixels\": 3136, \"max_pixels\": 12845056}")]
    [TestCase("\"min_pixels\": 3136, \"max_pixels\": 12845056, \"size\": {\"shortest_edge\": 1, \"longest_edge\": 2}")]
    [TestCase("\"min_pixels\": null, \"max_pixels\": null, \"size\": {\"shortest_edge\": 3136, \"longest_edge\": 12845056}")]
    public void EveryShapeOfTheLimitsIsRead(string limits)
    {
        ImageProcessing read = Read("preprocessor_config.json", $"{{{limits}, {Colours}, \"patch_size\": 14, \"temporal_patch_size\": 2, \"merge_size\": 2, \"resample\": 3, \"do_resize\": true, \"rescale_factor\": 0.00392156862745098}}");
        Assert.That((read.MinPixels, read.MaxPixels, read.Factor, read.Filter), Is.EqualTo((3136L, 12845056L, 28, ResamplingFilter.Bicubic)));
        Assert.That(read.Mean, Is.EqualTo(new[] { 0.1f, 0.2f, 0.3f }));
        Assert.That(read.Deviation, Is.EqualTo(new[] { 0.4f, 0.5f, 0.6f }));
    }

    [Test]
    public void TheJointFileIsReadWhereThereIsNoOther()
    {
        ImageProcessing read = Read("processor_config.json", $"{{\"image_processor\": {{\"size\": {{\"shortest_edge\": 65536, \"longest_edge\": 16777216}}, {Colours}, \"patch_size\": 16, \"resample\": 2}}}}");
        Assert.That((read.Factor, read.MinPixels, read.Filter), Is.EqualTo((32, 65536L, ResamplingFilter.Bilinear)));
    }

    [TestCase("{}", "min_pixels")]
    [TestCase("[]", "expected an object")]
    [TestCase("{", "cannot be used")]
    [TestCase($"{{\"min_pixels\": 9, \"max_pixels\": 4, {Colours}}}", "above the largest")]
    [TestCase($"{{\"min_pixels\": 0, \"max_pixels\": 4, {Colours}}}", "min_pixels")]
    [TestCase($"{{\"min_pixels\": 1, \"max_pixels\": 4, {Colours}, \"do_resize\": false}}", "do_resize")]
    [TestCase($"{{\"min_pixels\": 1, \"max_pixels\": 4, {Colours}, \"resample\": 0}}", "resample")]
    [TestCase($"{{\"min_pixels\": 1, \"max_pixels\": 4, {Colours}, \"patch_size\": 0}}", "patch_size")]
    [TestCase($"{{\"min_pixels\": 1, \"max_pixels\": 4, {Colours}, \"rescale_factor\": 1}}", "rescale_factor")]
    [TestCase("{\"min_pixels\": 1, \"max_pixels\": 4, \"image_mean\": [1, 2], \"image_std\": [1, 1, 1]}", "image_mean")]
    [TestCase("{\"min_pixels\": 1, \"max_pixels\": 4, \"image_mean\": [1, 2, 3], \"image_std\": [1, 0, 1]}", "image_std")]
    public void AFaultIsNamedWithItsFile(string content, string said) =>
        Assert.That(() => Read("preprocessor_config.json", content), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("preprocessor_config.json"));

    [Test]
    public void AMissingFileIsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => ImageProcessing.Read(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("preprocessor_config.json"));
    }

    private static ImageProcessing Read(string name, string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), content);
        return ImageProcessing.Read(folder.Path);
    }
}
