using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>A group whose exchanges, the waiting for others included, are timed.</summary>
internal sealed class TimedProcessGroup(IProcessGroup group, StepClock clock) : IProcessGroup
{
    public int Rank => group.Rank;

    public int Size => group.Size;

    public void Sum(Span<float> values)
    {
        using var timed = clock.Measure(StepPhase.Exchange);
        group.Sum(values);
    }

    public byte[][] Gather(ReadOnlySpan<byte> own)
    {
        using var timed = clock.Measure(StepPhase.Exchange);
        return group.Gather(own);
    }
}
