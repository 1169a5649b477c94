using System.Diagnostics;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>The command line in a process of its own, killed without a warning, interrupted, and resumed.</summary>
[NonParallelizable]
public class KilledRunTests : WorkspaceTests
{
    private const int Steps = 14, Patience = 120_000;

    private byte[] _expectedCheckpoint = null!;
    private string[] _expectedLines = null!;

    [OneTimeSetUp]
    public void TrainWithoutAPause()
    {
        (int code, string said) = Run("whole");
        Assert.That(code, Is.Zero, said);
        _expectedCheckpoint = LastCheckpoint(_folder.Path("whole"));
        _expectedLines = LogLines(_folder.Path("whole"));
        Assert.That(_expectedLines, Has.Length.EqualTo(1 + Steps + Steps / 4 + 1 + 1), "start, steps, validations every four and at the end, end");
    }

    /// <summary>Killed as soon as the log shows a step: at the start, between checkpoints, and about when one is written.</summary>
    [Test]
    public void AKilledRunGoesOnAsIfNothingHadHappened()
    {
        string run = _folder.Path("killed");
        foreach (int step in new[] { 1, 5, 11 })
        {
            using Process process = Start("killed", "--resume");
            WaitForLine(process, run, $"{{\"step\":{{\"step\":{step},");
            process.Kill();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Not.Zero);
        }
        // What a kill within the writing of a checkpoint leaves.
        File.WriteAllBytes(Path.Combine(run, "checkpoints", "step-00000013.drseg.tmp"), _expectedCheckpoint[..(_expectedCheckpoint.Length / 2)]);
        Assert.That(File.ReadAllText(TrainingReport.Write(run)), Does.Contain("broken off without a word"));

        (int code, string said) = Run("killed", "--resume");
        Assert.That(code, Is.Zero, said);
        Assert.That(LastCheckpoint(run), Is.EqualTo(_expectedCheckpoint));
        Assert.That(LogLines(run), Is.EqualTo(_expectedLines));
        Assert.That(File.ReadAllBytes(Path.Combine(run, "model.drseg")), Is.EqualTo(File.ReadAllBytes(_folder.Path("whole/model.drseg"))));
        Assert.That(Checkpoints(run), Has.None.EndsWith(".tmp"));
    }

    [Test]
    public void AnInterruptedRunWritesACheckpointSaysHowToGoOnAndDoes()
    {
        Interrupt.SkipWhereIgnored();
        string run = _folder.Path("interrupted");
        using Process process = Start("interrupted");
        WaitForLine(process, run, "{\"step\":{\"step\":3,");
        Interrupt.Send(process);
        Assert.That(process.WaitForExit(Patience));
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(process.StandardError.ReadToEnd(), Does.StartWith("drseg: stopping after what is under way").And.Contain("drseg: cancelled").And.Contain("--resume"));
        Assert.That(LogLines(run)[^1], Does.Contain("cancelled"));
        Assert.That(File.Exists(Path.Combine(run, "report.html")));
        // Only what was not said before need be said.
        (int code, string said) = RunTool("train", "--resume", "--out", run);
        Assert.That(code, Is.Zero, said);
        Assert.That(LastCheckpoint(run), Is.EqualTo(_expectedCheckpoint));
        Assert.That(LogLines(run), Is.EqualTo(_expectedLines));
    }

    private string[] Arguments(string run, params string[] more) => ["train", "--options", _folder.Options, "--out", _folder.Path(run), "--steps", $"{Steps}", .. more];

    private (int Code, string Said) Run(string run, params string[] more) => RunTool(Arguments(run, more));

    private Process Start(string run, params string[] more) => DotnetProcess.Start(CommandLine.Program, Arguments(run, more));

    private static (int Code, string Said) RunTool(params string[] arguments)
    {
        (int code, string output, string errors) = DotnetProcess.Run(CommandLine.Program, arguments);
        return (code, output + errors);
    }

    private static void WaitForLine(Process process, string run, string begin)
    {
        string log = Path.Combine(run, "log.jsonl");
        for (var waited = Stopwatch.StartNew(); waited.ElapsedMilliseconds < Patience; Thread.Sleep(20))
        {
            if (File.Exists(log) && ReadShared(log).Contains("\n" + begin, StringComparison.Ordinal)) return;
            if (process.HasExited) Assert.Fail($"It ended before '{begin}' was logged: {process.StandardError.ReadToEnd()}");
        }
        Assert.Fail($"'{begin}' was not logged in time.");
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
