using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Sizes of a <see cref="SamConfirmation"/>.</summary>
/// <param name="FeatureWidth">Width of SAM's image embedding (<see cref="Sam2Shape.FeatureWidth"/>).</param>
/// <param name="QueryWidth">Numbers that say what was asked for.</param>
/// <param name="Width">Width of the head, up to 65,536.</param>
/// <param name="Heads">Attention heads; divides <paramref name="Width"/>.</param>
/// <param name="Layers">Times that the head looks at the image, 1 to 16.</param>
/// <param name="MostCells">Cells of a confidence map along each axis, at most.</param>
internal sealed record SamConfirmationShape(int FeatureWidth, int QueryWidth, int Width = 128, int Heads = 4, int Layers = 2, int MostCells = 16)
{
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public void Validate()
    {
        OptionChecks.RequireWidth(nameof(FeatureWidth), FeatureWidth, 1);
        OptionChecks.RequireWidth(nameof(QueryWidth), QueryWidth, 1);
        OptionChecks.RequireWidth(nameof(Width), Width, 1);
        OptionChecks.Require(Heads > 0 && Width % Heads == 0, nameof(Heads), Heads, $"a divisor of the width, {Width}");
        OptionChecks.Require(Layers is >= 1 and <= 16, nameof(Layers), Layers, "1 to 16");
        OptionChecks.Require(MostCells is >= 1 and <= 64, nameof(MostCells), MostCells, "1 to 64");
    }

    /// <summary>Cells along each axis over an embedding with so many places: each has equally many of them.</summary>
    public int MapSide(int featureSide) => Enumerable.Range(1, Math.Min(MostCells, featureSide)).Last(side => featureSide % side == 0);
}
