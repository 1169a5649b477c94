using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>All that masks need to know of an image.</summary>
/// <param name="Fine">[1, d/8, S/4, S/4], S being the side of the model's images.</param>
/// <param name="Middle">[1, d/4, S/8, S/8].</param>
/// <param name="Coarse">[1, d, S/16, S/16].</param>
internal sealed record ImageEmbedding(Tensor Fine, Tensor Middle, Tensor Coarse) : IDisposable
{
    public long Bytes => new[] { Fine, Middle, Coarse }.Sum(map => map.numel() * map.element_size());

    /// <summary>Lets the maps outlive all dispose scopes.</summary>
    public ImageEmbedding Keep() => new(Fine.DetachFromDisposeScope(), Middle.DetachFromDisposeScope(), Coarse.DetachFromDisposeScope());

    public void Dispose()
    {
        Fine.Dispose();
        Middle.Dispose();
        Coarse.Dispose();
    }
}

/// <summary>
/// Trunk and neck of SAM 2: an image to the three maps that the mask decoder reads. Source: sam2/modeling/backbones/image_encoder.py
/// (FpnNeck, with top-down sums at the third level alone), sam2/sam2_image_predictor.py (set_image).
/// </summary>
internal sealed class ImageEncoder : IDisposable
{
    private readonly LayerWeights _neck, _decoder;
    private readonly Tensor _noMemory;

    public ImageEncoder(Sam2Shape shape, Sam2Weights weights)
    {
        Trunk = new HieraTrunk(shape, weights["vision_encoder.backbone"]);
        (_neck, _decoder) = (weights["vision_encoder.neck"], weights["mask_decoder"]);
        _noMemory = weights.Tensors["no_memory_embedding"];
    }

    public HieraTrunk Trunk { get; }

    /// <summary>Images [B, 3, S, S] to maps of width d, the finest first: sides S/4, S/8, S/16.</summary>
    public Tensor[] Pyramid(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor[] stages = Trunk.Forward(pixels);
        Tensor[] levels = [.. stages.Select((map, stage) => _neck.Convolution($"convs.{stages.Length - 1 - stage}", map.permute(0, 3, 1, 2)))];
        Tensor top = functional.interpolate(levels[3], [levels[2].shape[2], levels[2].shape[3]], mode: InterpolationMode.Nearest);
        return [levels[0].MoveToOuterDisposeScope(), levels[1].MoveToOuterDisposeScope(), levels[2].Plus(top).MoveToOuterDisposeScope()];
    }

    /// <summary>An image [1, 3, S, S] to what masks need of it.</summary>
    public ImageEmbedding Encode(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor[] levels = Pyramid(pixels);
        return new ImageEmbedding(
            _decoder.Convolution("conv_s0", levels[0]).MoveToOuterDisposeScope(),
            _decoder.Convolution("conv_s1", levels[1]).MoveToOuterDisposeScope(),
            // An image alone has no memory of former frames, and a vector says so.
            levels[2].Plus(_noMemory.view(1, -1, 1, 1)).MoveToOuterDisposeScope());
    }

    public void Dispose() => Trunk.Dispose();
}
