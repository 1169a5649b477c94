using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>How the weights follow the gradient of the objective.</summary>
public sealed record OptimizerOptions : IOptionRecord
{
    /// <summary>Learning rate at the end of the warm-up, above 0; from there it falls to 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>
    /// Learning rate of the confirming head, at least 0: above 0 it learns to judge masks from the answers of every step and their
    /// measured IoU, along the same schedule. 0 leaves it as it is.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double ConfirmationLearningRate { get; init; }

    /// <summary>How the learning rate falls after the warm-up.</summary>
    public LearningRateShape LearningRateShape { get; init; } = LearningRateShape.Cosine;

    /// <summary>Share of the steps in which the learning rate rises to its peak, 0 to below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double WarmUpShare { get; init; } = LearningRateSchedule.UsualWarmUp;

    /// <summary>Gradients whose norm is larger are scaled down to this, above 0.</summary>
    [Range(0, double.PositiveInfinity, MinimumIsExclusive = true)]
    public double LargestGradientNorm { get; init; } = OptimizationStep.UsualGradientNorm;

    /// <summary>Optimiser steps on the same answers, at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int UpdatesPerStep { get; init; } = 1;

    internal LearningRateSchedule Schedule(double peak, int updates) => new(peak, updates, Floor: 0) { Shape = LearningRateShape, WarmUp = WarmUpShare };
}
