using System.Diagnostics;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What a step of training spends its time on.</summary>
internal enum StepPhase
{
    /// <summary>The whole of Look-to-Confirm, <see cref="LookPhase"/>s included.</summary>
    LookToConfirm,

    /// <summary>Measuring masks, rewards and advantages.</summary>
    Rewards,

    /// <summary>Passes over the answers with a gradient, and the optimiser.</summary>
    Update,

    /// <summary>Exchanges with other processes, which lie in the phases above.</summary>
    Exchange,
}

/// <summary>Adds up the time of each phase of a step.</summary>
internal sealed class StepClock
{
    private readonly PhaseClock<StepPhase> _phases = new();
    private long _started = Stopwatch.GetTimestamp();

    public PhaseClock<LookPhase> Looks { get; } = new();

    public void Restart()
    {
        _phases.Clear();
        Looks.Clear();
        _started = Stopwatch.GetTimestamp();
    }

    public PhaseClock<StepPhase>.Measurement Measure(StepPhase phase) => _phases.Measure(phase);

    public StepTiming Read(int tokens)
    {
        double prompt = Looks.Seconds(LookPhase.Prompt), sampling = Looks.Seconds(LookPhase.Sampling), segmentation = Looks.Seconds(LookPhase.Segmentation);
        return new StepTiming(
            Stopwatch.GetElapsedTime(_started).TotalSeconds, prompt, sampling, segmentation,
            Math.Max(0, _phases.Seconds(StepPhase.LookToConfirm) - prompt - sampling - segmentation),
            _phases.Seconds(StepPhase.Rewards), _phases.Seconds(StepPhase.Update), sampling > 0 ? tokens / sampling : 0)
        {
            Exchange = _phases.Seconds(StepPhase.Exchange),
        };
    }
}

/// <summary>How long a step took, in seconds; the one part of a run's log that differs from run to run.</summary>
/// <param name="Total">The whole step.</param>
/// <param name="Prompt">Rendering images and queries for the policy.</param>
/// <param name="Sampling">Generating answers.</param>
/// <param name="Segmentation">Turning answers into masks.</param>
/// <param name="LookToConfirm">Checking masks and choosing where to look again.</param>
/// <param name="Rewards">Measuring masks, rewards and advantages.</param>
/// <param name="Update">Passes over the answers with a gradient, and the optimiser.</param>
/// <param name="TokensPerSecond">Tokens generated in a second of sampling.</param>
public sealed record StepTiming(
    double Total, double Prompt, double Sampling, double Segmentation, double LookToConfirm, double Rewards, double Update, double TokensPerSecond)
{
    /// <summary>Exchanges with other processes and the waiting for them, as the first process sees it; they lie within <see cref="Rewards"/> and <see cref="Update"/>.</summary>
    public double Exchange { get; init; }
}
