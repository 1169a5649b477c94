using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>How a policy is trained by GRPO. The defaults are plain GRPO.</summary>
/// <remarks>
/// This is the one place where an option is declared, with its default and its range: checks, the record of a run and the options of
/// the command line are read from here.
/// </remarks>
public sealed record GrpoOptions : IOptionRecord
{
    internal const int UsualSteps = 100;

    /// <summary>Optimisation steps, at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Steps { get; init; } = UsualSteps;

    /// <summary>Fixes every random draw. It stands apart from the seed of ML.NET's context, which other assemblies cannot read.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Examples, taken after the last step, that the model's threshold is learned from anew, at least 0: every one is looked at twice.
    /// 0 keeps the threshold.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ThresholdExamples { get; init; }

    /// <summary>How queries are taken and answered.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>What an update minimises.</summary>
    public ObjectiveOptions Objective { get; init; } = new();

    /// <summary>How the weights follow the gradient.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>How often held-out rows are answered while training, and when to stop; null for the usual where such rows are given.</summary>
    public ValidationOptions? Validation { get; init; }

    /// <summary>Where the run is written down, so that it can be resumed and looked at; null for nowhere.</summary>
    public RunOptions? Run { get; init; }

    /// <summary>The options that the trained weights depend on, as text by name: a run resumed with others would be another run.</summary>
    internal IReadOnlyDictionary<string, string> Decisive(ICandidateReward? reward)
    {
        var texts = new OrderedDictionary<string, string>();
        foreach (DeclaredOption option in OptionReading.Options(this with { Run = null }).Where(option => option.Name != nameof(Run)))
            texts.Add(option.Name, OptionReading.Text(option.Value));
        texts.Add("Reward", OptionReading.Text(reward?.GetType().Name));
        return texts;
    }
}
