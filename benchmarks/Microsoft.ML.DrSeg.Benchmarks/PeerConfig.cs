using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// For comparisons with a peer in a process of its own: one call a measurement, and the shortest of them beside the mean, as
/// it is what the work takes where other programs share the machine.
/// </summary>
internal sealed class PeerConfig : ManualConfig
{
    public PeerConfig()
    {
        var toolchain = new InProcessEmitToolchain(TimeSpan.FromHours(1), logOutput: true);
        AddJob(Job.Default.WithToolchain(toolchain).WithStrategy(RunStrategy.Monitoring).WithWarmupCount(1).WithIterationCount(5));
        AddColumn(StatisticColumn.Min, StatisticColumn.Median);
    }
}
