using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Qwen3-VL's learned positions: a square table of vectors is stretched over each image, corner upon corner, and read between its
/// rows by bilinear interpolation, in float32. Rule: <c>fast_pos_embed_interpolate</c> in huggingface/transformers,
/// <c>src/transformers/models/qwen3_vl/modeling_qwen3_vl.py</c>.
/// </summary>
/// <param name="table">[side * side, width].</param>
internal sealed class LearnedPositions(Tensor table)
{
    private readonly int _side = (int)Math.Sqrt(table.shape[0]);

    /// <summary>The vectors of some patches, [patches, width], in the table's type.</summary>
    public Tensor Of(PatchPlace[] patches)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        foreach ((int down, int right) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
        {
            var entries = new long[patches.Length];
            var weights = new float[patches.Length];
            for (int i = 0; i < patches.Length; i++)
            {
                (int row, double rowWeight) = Corner(patches[i].Row, patches[i].Image.Rows, down);
                (int column, double columnWeight) = Corner(patches[i].Column, patches[i].Image.Columns, right);
                entries[i] = (long)row * _side + column;
                weights[i] = (float)(rowWeight * columnWeight);
            }
            Tensor corner = table.index_select(0, tensor(entries, device: table.device)) * tensor(weights, device: table.device).unsqueeze(1);
            sum = sum is null ? corner : sum.Plus(corner);
        }
        return sum!.to(table.dtype).MoveToOuterDisposeScope();
    }

    // The row of the table before a patch (step 0) or behind it (step 1), and how much it counts.
    private (int Row, double Weight) Corner(int patch, int patches, int step)
    {
        double place = patches > 1 ? patch * (_side - 1.0) / (patches - 1) : 0, before = Math.Floor(place);
        return (Math.Min((int)before + step, _side - 1), step == 1 ? place - before : 1 - (place - before));
    }
}
