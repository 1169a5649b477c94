using TorchSharp;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Linear warm-up over the first 5 % of the steps, then half a cosine down to a share of the peak.</summary>
/// <param name="Peak">Largest learning rate.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Floor">Share of the peak at the end, 0..1; 1 keeps the rate constant after the warm-up.</param>
internal sealed record LearningRateSchedule(double Peak, int Steps, double Floor)
{
    private const double WarmUp = 0.05;

    /// <summary>The rate of a step, from 0.</summary>
    public double At(int step)
    {
        double warmUpSteps = Math.Max(1, WarmUp * Steps);
        if (step < warmUpSteps) return Peak * (step + 1) / (warmUpSteps + 1);
        double progress = (step - warmUpSteps) / Math.Max(1, Steps - warmUpSteps);
        return Peak * (Floor + (1 - Floor) * (1 + Math.Cos(Math.PI * progress)) / 2);
    }

    public void Apply(torch.optim.Optimizer optimizer, int step)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = At(step);
    }
}
