namespace Microsoft.ML.DrSeg.Common;

/// <summary>Where a training run stands, after one step.</summary>
/// <param name="Stage">What is being trained.</param>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Metrics">What was measured in this step, by name.</param>
public sealed record TrainingProgress(string Stage, int Step, int Steps, IReadOnlyDictionary<string, double> Metrics);
