using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>Adds up the time of each phase of some work on one thread: <c>using (clock.Measure(phase)) ...</c></summary>
internal sealed class PhaseClock<TPhase> where TPhase : struct, Enum
{
    private readonly Dictionary<TPhase, long> _ticks = [];

    public void Clear() => _ticks.Clear();

    /// <summary>Counts the time from now until the result is disposed to a phase. Phases that lie in each other count twice.</summary>
    public Measurement Measure(TPhase phase) => new(this, phase);

    public double Seconds(TPhase phase) => Stopwatch.GetElapsedTime(0, _ticks.GetValueOrDefault(phase)).TotalSeconds;

    /// <summary>A measurement under way.</summary>
    public readonly struct Measurement(PhaseClock<TPhase> clock, TPhase phase) : IDisposable
    {
        private readonly long _begin = Stopwatch.GetTimestamp();

        public void Dispose() => CollectionsMarshal.GetValueRefOrAddDefault(clock._ticks, phase, out _) += Stopwatch.GetTimestamp() - _begin;
    }
}
