using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>The command line on several ranks of this machine, of one thread each, under MPICH's mpirun.</summary>
internal sealed partial class MpiJob : IDisposable
{
    private const string Launcher = "mpirun.mpich", Needed = "DRSEG_NEEDS_MPI";
    private const int Patience = 120_000;

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    /// <param name="ranks">How many; 0 for one process without mpirun.</param>
    public MpiJob(int ranks, params string[] arguments)
    {
        string[] command = ["dotnet", CommandLine.Program, .. arguments];
        ProcessStartInfo start = ranks == 0 ? new(command[0], command[1..]) : new(Launcher, ["-np", ranks.ToString(CultureInfo.InvariantCulture), .. command]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["OMP_NUM_THREADS"] = "1";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Hear;
        _process.ErrorDataReceived += Hear;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>All that has been said so far, by whomever.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public int Id => _process.Id;

    /// <summary>Passes a test over on a machine without MPICH, or fails it where one is promised.</summary>
    public static void RequireLauncher()
    {
        if (Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Launcher)))) return;
        string missing = $"There is no {Launcher}: on Debian and Ubuntu it comes with the package mpich.";
        if (Environment.GetEnvironmentVariable(Needed) is { Length: > 0 }) Assert.Fail(missing);
        Assert.Ignore(missing);
    }

    /// <summary>Runs to the end.</summary>
    public static (int Code, string Said) Run(int ranks, params string[] arguments)
    {
        using var job = new MpiJob(ranks, arguments);
        return (job.End(), job.Said);
    }

    /// <summary>Waits for the end, and gives the code.</summary>
    public int End()
    {
        if (!_process.WaitForExit(Patience)) Assert.Fail($"It has not ended in time. It said: {Said}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits for something to be said, or written to a file that may not be there yet.</summary>
    public void WaitFor(Func<string> where, string what)
    {
        for (var waited = Stopwatch.StartNew(); waited.ElapsedMilliseconds < Patience; Thread.Sleep(20))
        {
            if (where().Contains(what, StringComparison.Ordinal)) return;
            if (_process.HasExited) Assert.Fail($"It ended before '{what}' came. It said: {Said}");
        }
        Assert.Fail($"'{what}' has not come in time. It said: {Said}");
    }

    /// <summary>The process of a rank, as the first one has told.</summary>
    public int ProcessOf(int rank)
    {
        WaitFor(() => Said, $"rank {rank} of ");
        return int.Parse(Member().Matches(Said).Single(match => match.Groups["rank"].Value == $"{rank}").Groups["process"].Value, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_said) _said.AppendLine(line.Data);
    }

    [GeneratedRegex(@"rank (?<rank>\d+) of \d+ is process (?<process>\d+) on ")]
    private static partial Regex Member();
}
