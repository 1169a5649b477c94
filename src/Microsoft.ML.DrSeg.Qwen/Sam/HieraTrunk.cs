using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The trunk of SAM 2's image encoder: four stages of blocks over maps that become smaller and wider.
/// Source: sam2/modeling/backbones/hieradet.py, Hiera.
/// </summary>
internal sealed class HieraTrunk : IDisposable
{
    private readonly LayerWeights _weights;
    private readonly HashSet<int> _stageEnds = [];

    public HieraTrunk(Sam2Shape shape, LayerWeights weights)
    {
        _weights = weights;
        Positions = FindPositions(shape.FirstSide);
        var blocks = new List<HieraBlock>();
        for (int stage = 0; stage < Sam2Shape.Stages; stage++)
        {
            for (int i = 0; i < shape.Blocks[stage]; i++)
            {
                bool pools = stage > 0 && i == 0;
                // The block that halves the map still has the windows of the stage before.
                int window = shape.GlobalBlocks.Contains(blocks.Count) ? 0 : shape.Windows[pools ? stage - 1 : stage];
                blocks.Add(new HieraBlock(weights.Under($"blocks.{blocks.Count}"), shape.Heads[stage], window, pools));
            }
            _stageEnds.Add(blocks.Count - 1);
        }
        Blocks = blocks;
    }

    /// <summary>What is added to the patches, [1, S, S, e].</summary>
    public Tensor Positions { get; }

    public IReadOnlyList<HieraBlock> Blocks { get; }

    /// <summary>Images [B, 3, 4S, 4S] to patches [B, S, S, e] without their positions.</summary>
    public Tensor EmbedPatches(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return _weights.Convolution("patch_embed.projection", pixels, stride: 4, padding: 3).permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Images [B, 3, 4S, 4S] to the maps at the ends of the stages, [B, S, S, e] to [B, S/8, S/8, 8e].</summary>
    public Tensor[] Forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var ends = new List<Tensor>();
        using Tensor patches = EmbedPatches(pixels);
        Tensor x = patches.Plus(Positions);
        for (int block = 0; block < Blocks.Count; block++)
        {
            Tensor next = Blocks[block].Forward(x);
            if (!_stageEnds.Contains(block - 1))
                x.Dispose();
            x = next;
            if (_stageEnds.Contains(block))
                ends.Add(x.MoveToOuterDisposeScope());
        }
        return [.. ends];
    }

    public void Dispose() => Positions.Dispose();

    // A coarse map stretched over the image, and one window's repeated; the same for every image.
    private Tensor FindPositions(int side)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor coarse = _weights["pos_embed"].to(ScalarType.Float32), window = _weights["pos_embed_window"];
        Tensor stretched = functional.interpolate(coarse, [side, side], mode: InterpolationMode.Bicubic, align_corners: false);
        long times = (side + window.shape[2] - 1) / window.shape[2];
        Tensor tiled = window.to(ScalarType.Float32).repeat(1, 1, times, times).narrow(2, 0, side).narrow(3, 0, side);
        return stretched.Plus(tiled).permute(0, 2, 3, 1).contiguous().to(window.dtype).DetachFromDisposeScope();
    }
}
