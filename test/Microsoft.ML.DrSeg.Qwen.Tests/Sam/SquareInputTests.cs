using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class SquareInputTests
{
    [Test]
    public void APictureIsWhatFacebooksTransformMakesOfIt()
    {
        using var scope = NewDisposeScope();
        using var data = SafetensorsFolder.Open(Reference.PathOf("processors.data.safetensors"));
        Tensor picture = data.Read("picture1", null, CPU);
        var image = new RgbImage((int)picture.shape[1], (int)picture.shape[0], picture.contiguous().data<byte>().ToArray());
        Sam2Reference.AssertClose(tensor(SquareInput.Of(image, 64), [3, 64, 64]), data.Read("sam2.facebook_transform_64", null, CPU), 1e-5 / 2.64);
    }

    [TestCase(37, 91, 64)]
    [TestCase(300, 20, 96)]
    [TestCase(64, 64, 64)]
    [TestCase(1, 1, 32)]
    public void ItIsTorchsAntialiasedResizing(int width, int height, int side)
    {
        using var scope = NewDisposeScope();
        var image = new RgbImage(width, height);
        new Random(1).NextBytes(image.Pixels);
        Tensor pixels = tensor(image.Pixels, [height, width, 3]).permute(2, 0, 1).unsqueeze(0).to(ScalarType.Float32) / 255;
        Tensor expected = nn.functional.interpolate(pixels, [side, side], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true)[0];
        expected = (expected - tensor(new[] { .485f, .456f, .406f }).view(3, 1, 1)) / tensor(new[] { .229f, .224f, .225f }).view(3, 1, 1);
        Sam2Reference.AssertClose(tensor(SquareInput.Of(image, side), [3, side, side]), expected, 1e-5);
    }
}
