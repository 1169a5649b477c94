namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The order in which windowed attention wants the tokens of images: each image is cut into square windows from its top left,
/// those at the right and the bottom hold what is left; windows row by row, and row by row inside each.
/// Rule: <c>get_window_index</c> in huggingface/transformers, <c>src/transformers/models/qwen2_5_vl/modeling_qwen2_5_vl.py</c>.
/// </summary>
/// <param name="Tokens">Which token of the images comes where; tokens are numbered row by row, one image after another.</param>
/// <param name="Lengths">How many tokens each window has.</param>
internal sealed record WindowOrder(long[] Tokens, int[] Lengths)
{
    /// <param name="grids">Tokens of each image.</param>
    /// <param name="side">Side of a window, in tokens.</param>
    public static WindowOrder Of(IEnumerable<PatchGrid> grids, int side)
    {
        var tokens = new List<long>();
        var lengths = new List<int>();
        long first = 0;
        foreach (PatchGrid grid in grids)
        {
            for (int top = 0; top < grid.Rows; top += side)
                for (int left = 0; left < grid.Columns; left += side)
                {
                    int bottom = Math.Min(top + side, grid.Rows), right = Math.Min(left + side, grid.Columns);
                    for (int row = top; row < bottom; row++)
                        for (int column = left; column < right; column++)
                            tokens.Add(first + (long)row * grid.Columns + column);
                    lengths.Add((bottom - top) * (right - left));
                }
            first += grid.Patches;
        }
        return new WindowOrder([.. tokens], [.. lengths]);
    }
}
