using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Turns points, corners of boxes and earlier masks into what the mask decoder reads. Letters: N objects, P points each, d width,
/// s the side of the map that prompts meet. Source: sam2/modeling/sam/prompt_encoder.py.
/// </summary>
internal sealed class PromptEncoder : IDisposable
{
    private readonly int _imageSide;
    private readonly LayerWeights _weights;
    private readonly Tensor _gaussian;

    public PromptEncoder(Sam2Shape shape, Sam2Weights weights)
    {
        _imageSide = shape.ImageSide;
        _weights = weights["prompt_encoder"];
        _gaussian = weights.Tensors[Sam2Tensors.Gaussian];
        Grid = FindGrid(shape.FeatureSide);
    }

    /// <summary>Positions of the map's places, [1, d, s, s].</summary>
    public Tensor Grid { get; }

    /// <summary>What stands for an earlier mask where there is none, [1, d, 1, 1].</summary>
    public Tensor NoMask => _weights["no_mask_embed.weight"].view(1, -1, 1, 1);

    /// <summary>Tokens of points, [N, P + 1, d]: the last is the padding that always ends them.</summary>
    /// <param name="points">[N, P, 2]: x and y of each, in pixels of the model's image.</param>
    /// <param name="labels">[N, P] Int64: 0 off the object, 1 on it, 2 and 3 the first and second corner of its box.</param>
    public Tensor Points(Tensor points, Tensor labels)
    {
        using var scope = NewDisposeScope();
        long n = points.shape[0];
        Tensor places = Positions(points.Plus(.5).Times(1.0 / _imageSide));
        Tensor kinds = _weights["point_embed.weight"].index_select(0, labels.flatten()).view(places.shape);
        Tensor padding = _weights["not_a_point_embed.weight"].expand(n, 1, -1);
        return cat([places.Plus(kinds), padding], 1).MoveToOuterDisposeScope();
    }

    /// <summary>An earlier mask's logits [N, 1, 4s, 4s] to [N, d, s, s].</summary>
    public Tensor Mask(Tensor logits)
    {
        using var scope = NewDisposeScope();
        Tensor x = functional.gelu(_weights.ChannelNorm("mask_embed.layer_norm1", _weights.Convolution("mask_embed.conv1", logits, stride: 2)));
        x = functional.gelu(_weights.ChannelNorm("mask_embed.layer_norm2", _weights.Convolution("mask_embed.conv2", x, stride: 2)));
        return _weights.Convolution("mask_embed.conv3", x).MoveToOuterDisposeScope();
    }

    public void Dispose() => Grid.Dispose();

    // Places [..., 2] of 0 to 1 to sines and cosines of random directions, [..., d].
    private Tensor Positions(Tensor places)
    {
        Tensor angles = places.Times(2).Plus(-1).view(-1, 2).mm(_gaussian).Times(2 * Math.PI);
        return cat([angles.sin(), angles.cos()], -1).view([.. places.shape[..^1], -1]);
    }

    private Tensor FindGrid(int side)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var centres = new float[side, side, 2];
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                (centres[y, x, 0], centres[y, x, 1]) = ((x + .5f) / side, (y + .5f) / side);
        return Positions(tensor(centres).to(_gaussian.device)).permute(2, 0, 1).unsqueeze(0).contiguous().DetachFromDisposeScope();
    }
}
