namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Where a patch lies in its image.</summary>
/// <param name="Image">The patches of the image.</param>
/// <param name="Row">Its row, from 0.</param>
/// <param name="Column">Its column, from 0.</param>
internal readonly record struct PatchPlace(PatchGrid Image, int Row, int Column)
{
    /// <summary>All patches of some images in the order in which they come: token by token, each token's patches row by row.</summary>
    /// <param name="images">Grids of whole tokens.</param>
    /// <param name="mergeSize">Side of a token, in patches.</param>
    public static PatchPlace[] Of(IEnumerable<PatchGrid> images, int mergeSize) =>
    [
        .. from image in images
           from tokenRow in Enumerable.Range(0, image.Rows / mergeSize)
           from tokenColumn in Enumerable.Range(0, image.Columns / mergeSize)
           from row in Enumerable.Range(tokenRow * mergeSize, mergeSize)
           from column in Enumerable.Range(tokenColumn * mergeSize, mergeSize)
           select new PatchPlace(image, row, column),
    ];
}
