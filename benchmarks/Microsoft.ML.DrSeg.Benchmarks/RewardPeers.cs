using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// <c>rewards [PYTHON]</c>: all benchmarks of rewards and their peers in Python, one after the other in one run, as one table
/// with the ratios. Least times on both sides: whatever else the machine does can only add.
/// </summary>
internal static class RewardPeers
{
    // In this process, as building a project for each class would take longer than measuring it. Many short iterations, as
    // the peers have them: on a busy machine a long one is never undisturbed. A long warm-up, as .NET compiles what is used
    // much once more; that is the code of which a training of hours consists.
    private static readonly string[] Settings =
        ["--filter", "*", "--inProcess", "--warmupCount", "400", "--iterationCount", "60", "--iterationTime", "2"];

    private static readonly Type[] Benchmarks = [typeof(RewardBenchmarks), typeof(MatchingBenchmarks), typeof(WindowBenchmarks), typeof(MaskBenchmarks)];

    private sealed record Peer(string Name, double Nanoseconds, string What);

    public static int Run(string python, string output)
    {
        Summary[] summaries = [.. BenchmarkSwitcher.FromTypes(Benchmarks).Run(Settings)];
        List<Peer> peers = RunPeers(python);
        var table = new StringBuilder();
        table.AppendLine("| work | here | allocated | peer | peer's time | ratio |").AppendLine("|---|---|---|---|---|---|");
        foreach (BenchmarkReport report in summaries.SelectMany(summary => summary.Reports).Where(report => report.ResultStatistics is not null))
        {
            string name = Name(report.BenchmarkCase);
            double here = report.ResultStatistics!.Min;
            long allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
            string own = string.Create(CultureInfo.InvariantCulture, $"| {name} | {Time(here)} | {allocated} B |");
            Peer[] same = [.. peers.Where(peer => peer.Name == name)];
            foreach (Peer peer in same)
                table.AppendLine(CultureInfo.InvariantCulture, $"{own} {peer.What} | {Time(peer.Nanoseconds)} | {peer.Nanoseconds / here:0.0} |");
            if (same.Length == 0) table.AppendLine($"{own} | | |");
        }
        table.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Peers: {peers.Single(peer => peer.Name == "versions").What}.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        File.WriteAllText(output, table.ToString());
        Console.WriteLine(table);
        return 0;
    }

    private static string Name(BenchmarkCase benchmark) => string.Join('/',
        new[] { "Objects", "Costs" }.Select(name => benchmark.Parameters.Items.FirstOrDefault(item => item.Name == name)?.Value)
            .Where(value => value is not null).Prepend(benchmark.Descriptor.WorkloadMethod.Name));

    private static List<Peer> RunPeers(string python)
    {
        string script = PeerScript.Find("rewards.py");
        using Process process = Process.Start(new ProcessStartInfo(python, [script]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"'{python}' cannot be started; name a Python with numpy and scipy.");
        var peers = new List<Peer>();
        while (process.StandardOutput.ReadLine() is { } line)
            peers.Add(JsonSerializer.Deserialize<Peer>(line, JsonSerializerOptions.Web)!);
        process.WaitForExit();
        return process.ExitCode == 0 ? peers : throw new InvalidOperationException($"{python} {script} failed with {process.ExitCode}; it needs numpy and scipy.");
    }

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.00} us"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00} ms"),
    };
}
