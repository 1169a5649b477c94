namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How many patches an image is cut into.</summary>
/// <param name="Rows">Patches from top to bottom; a multiple of the side of a token in patches.</param>
/// <param name="Columns">Patches from left to right; such a multiple too.</param>
internal readonly record struct PatchGrid(int Rows, int Columns)
{
    public int Patches => Rows * Columns;

    /// <summary>The grid of tokens that the patches become.</summary>
    /// <param name="mergeSize">Side of a token, in patches.</param>
    public PatchGrid Merged(int mergeSize) => new(Rows / mergeSize, Columns / mergeSize);
}
