using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>The figures of a loss as numbers; see <see cref="GrpoLoss.Terms"/>.</summary>
internal readonly record struct LossFigures(double Loss, double Divergence, double ClippedShare, double Entropy, double RatioGap)
{
    private const int Count = 5;

    /// <summary>Reads the figures of some losses, all of them in one transfer from the device.</summary>
    public static LossFigures[] Read(IReadOnlyList<GrpoLoss.Terms> terms)
    {
        using var scope = NewDisposeScope();
        Tensor together = stack(terms.SelectMany(one => new[] { one.Loss.detach(), one.Divergence, one.ClippedShare, one.Entropy, one.RatioGap }));
        float[] values = together.Floats();
        return [.. values.Chunk(Count).Select(one => new LossFigures(one[0], one[1], one[2], one[3], one[4]))];
    }

    /// <summary>The parts of several processes together, each of which already weighs as much as its share of the loss.</summary>
    public static LossFigures Sum(IEnumerable<LossFigures> parts) => parts.Aggregate((all, one) => new LossFigures(
        all.Loss + one.Loss, all.Divergence + one.Divergence, all.ClippedShare + one.ClippedShare, all.Entropy + one.Entropy, Math.Max(all.RatioGap, one.RatioGap)));

    /// <summary>The looks of a step together, each as heavy as its share of the loss.</summary>
    public static LossFigures Mean(IReadOnlyList<LossFigures> figures, IReadOnlyList<AnswerTensors> looks)
    {
        double Of(Func<LossFigures, double> figure) => figures.Zip(looks, (one, look) => look.Weight * figure(one)).Sum();
        return new LossFigures((float)Of(one => one.Loss), Of(one => one.Divergence), Of(one => one.ClippedShare), Of(one => one.Entropy), figures.Max(one => one.RatioGap));
    }
}
