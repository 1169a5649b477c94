using System.Diagnostics;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What a step of training spends its time on.</summary>
internal enum StepPhase
{
    /// <summary>Rendering images and queries for the policy.</summary>
    Prompt,

    /// <summary>Generating answers.</summary>
    Sampling,

    /// <summary>Turning answers into masks.</summary>
    Segmentation,

    /// <summary>Checking masks and choosing where to look again, without the three above.</summary>
    LookToConfirm,

    /// <summary>Measuring masks, rewards and advantages.</summary>
    Rewards,

    /// <summary>Passes over the answers with a gradient, and the optimiser.</summary>
    Update,
}

/// <summary>Adds up the time of each phase of a step.</summary>
internal sealed class StepClock
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPhase>().Length];
    private long started = Stopwatch.GetTimestamp();

    public void Restart()
    {
        Array.Clear(ticks);
        started = Stopwatch.GetTimestamp();
    }

    /// <summary>Counts the time of some work to a phase.</summary>
    public T Measure<T>(StepPhase phase, Func<T> work)
    {
        long begin = Stopwatch.GetTimestamp();
        T result = work();
        ticks[(int)phase] += Stopwatch.GetTimestamp() - begin;
        return result;
    }

    /// <summary>Counts the time of some work to a phase, less what is counted to other phases within it.</summary>
    public T Rest<T>(StepPhase phase, Func<T> work)
    {
        long before = ticks.Sum(), begin = Stopwatch.GetTimestamp();
        T result = work();
        ticks[(int)phase] += Stopwatch.GetTimestamp() - begin - (ticks.Sum() - before);
        return result;
    }

    /// <summary>The times of the step so far.</summary>
    /// <param name="tokens">Tokens generated in it.</param>
    public StepTiming Read(int tokens)
    {
        double Seconds(StepPhase phase) => Stopwatch.GetElapsedTime(0, ticks[(int)phase]).TotalSeconds;
        double sampling = Seconds(StepPhase.Sampling);
        return new StepTiming(
            Stopwatch.GetElapsedTime(started).TotalSeconds, Seconds(StepPhase.Prompt), sampling, Seconds(StepPhase.Segmentation),
            Seconds(StepPhase.LookToConfirm), Seconds(StepPhase.Rewards), Seconds(StepPhase.Update), sampling > 0 ? tokens / sampling : 0);
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
    double Total, double Prompt, double Sampling, double Segmentation, double LookToConfirm, double Rewards, double Update, double TokensPerSecond);
