namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The patches of a resized image.</summary>
/// <param name="Rows">Patches above each other, a multiple of the side of a merged block.</param>
/// <param name="Columns">Patches beside each other, likewise.</param>
/// <param name="MergeSize">Patches along the side of the block that becomes one token.</param>
internal readonly record struct ImageGrid(int Rows, int Columns, int MergeSize)
{
    public int Patches => Rows * Columns;

    /// <summary>Tokens that the image takes in a prompt.</summary>
    public int Tokens => Patches / (MergeSize * MergeSize);
}
