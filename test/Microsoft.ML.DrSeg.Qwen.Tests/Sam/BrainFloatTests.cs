using NUnit.Framework;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The image encoder in bfloat16, whose numbers have three digits.</summary>
public class BrainFloatTests
{
    [Test]
    public void MapsAndMasksAreNearThoseOfFloat32()
    {
        using var scope = NewDisposeScope();
        using var reference = new Sam2Reference();
        using Sam2Weights weights = ReadWeights(encoderType: ScalarType.BFloat16);
        using var encoder = new ImageEncoder(Shape, weights);
        ImageEmbedding found = encoder.Encode(reference["pixel_values"].narrow(0, 0, 1).to(ScalarType.BFloat16));
        Assert.That(found.Coarse.dtype, Is.EqualTo(ScalarType.BFloat16));
        AssertClose(found.Fine, reference["image_embedding0"].narrow(0, 0, 1), 0.03);
        AssertClose(found.Middle, reference["image_embedding1"].narrow(0, 0, 1), 0.03);
        AssertClose(found.Coarse, reference["image_embedding2"].narrow(0, 0, 1), 0.03);
        Assert.That(weights.Tensors["mask_decoder.mask_tokens.weight"].dtype, Is.EqualTo(ScalarType.Float32), "prompts and masks stay in float32");
    }
}
