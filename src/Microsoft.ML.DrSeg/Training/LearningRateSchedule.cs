using TorchSharp;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum LearningRateShape
{
    /// <summary>Along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5, without restarts).</summary>
    Cosine,

    /// <summary>Along a straight line.</summary>
    Linear,

    /// <summary>Not at all.</summary>
    Constant,
}

/// <summary>Linear warm-up over the first steps, then down to a share of the peak.</summary>
/// <param name="Floor">Share of the peak at the end, 0..1; 1 keeps the rate constant after the warm-up.</param>
internal sealed record LearningRateSchedule(double Peak, int Steps, double Floor)
{
    /// <summary>The warm-up's share of the steps where nobody says otherwise.</summary>
    public const double UsualWarmUp = 0.05;

    /// <summary>The warm-up's share of the steps, 0..1.</summary>
    public double WarmUp { get; init; } = UsualWarmUp;

    public LearningRateShape Shape { get; init; }

    public double At(int step)
    {
        double warmUpSteps = WarmUp > 0 ? Math.Max(1, WarmUp * Steps) : 0;
        if (step < warmUpSteps) return Peak * (step + 1) / (warmUpSteps + 1);
        double progress = (step - warmUpSteps) / Math.Max(1, Steps - warmUpSteps);
        return Shape switch
        {
            LearningRateShape.Linear => Peak * (Floor + (1 - Floor) * (1 - Math.Clamp(progress, 0, 1))),
            LearningRateShape.Constant => Peak,
            _ => Peak * (Floor + (1 - Floor) * (1 + Math.Cos(Math.PI * progress)) / 2),
        };
    }

    public void Apply(torch.optim.Optimizer optimizer, int step)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = At(step);
    }
}
