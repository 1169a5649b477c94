using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>The command line under mpirun: the same run as in one process, which ends when a rank dies and goes on with other numbers of ranks.</summary>
[NonParallelizable]
public class ManyRanksTests : WorkspaceTests
{
    private const int Steps = 8, CheckpointEvery = 3;

    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(20);

    [OneTimeSetUp]
    public void TrainInOneProcess()
    {
        MpiJob.RequireLauncher();
        (int code, string said) = MpiJob.Run(0, Arguments("one"));
        Assert.That(code, Is.Zero, said);
    }

    /// <summary>Three queries a step on four ranks, one of which has none; one rank is killed, and two go on from the last checkpoint.</summary>
    [Test]
    public void AKilledRankEndsTheJobAndOtherNumbersOfRanksGoOnToTheSameEnd()
    {
        string run = _folder.Path("many");
        using (var job = new MpiJob(4, Arguments("many")))
        {
            job.WaitFor(() => Log(run), "\n{\"step\":{\"step\":5,");
            int victim = job.ProcessOf(2);
            Process.GetProcessById(victim).Kill();
            var waited = Stopwatch.StartNew();
            Assert.That(job.End(), Is.Not.Zero);
            Assert.That(waited.Elapsed, Is.LessThan(Seconds));
            TestContext.Out.WriteLine($"ended {waited.Elapsed.TotalSeconds:0.0} s after the kill, saying: {job.Said}");
            // mpirun names a process that ended badly; where it has killed the others before it looks, that may be one of them.
            Assert.That(job.Said, Does.Match($"PID ({string.Join('|', Enumerable.Range(0, 4).Select(job.ProcessOf))}) RUNNING AT"));
        }
        Assert.That(Checkpoints(run), Does.Contain("step-00000003.drseg"));

        (int code, string said) = MpiJob.Run(2, "train", "--resume", "--out", run);
        Assert.That(code, Is.Zero, said);
        Assert.That(said.Split("Model: "), Has.Length.EqualTo(2), "one rank writes");
        SameRun(run, _folder.Path("one"));
    }

    [Test]
    public void AnInterruptReachesAllRanksWhichStopAfterOneStep()
    {
        Interrupt.SkipWhereIgnored();
        string run = _folder.Path("interrupted");
        using var job = new MpiJob(2, Arguments("interrupted", steps: 1000));
        job.WaitFor(() => Log(run), "\n{\"step\":{\"step\":2,");
        Interrupt.Send(job.Id);
        // Of ranks that end after Ctrl-C mpirun loses the code now and then.
        Assert.That(job.End(), Is.EqualTo(ExitCode.Cancelled).Or.EqualTo(ExitCode.Done), job.Said);
        Assert.That(job.Said.Split("drseg: cancelled"), Has.Length.EqualTo(2), job.Said);
        Assert.That(LogLines(run)[^1], Does.Contain("cancelled"));
        int done = LogLines(run).Count(line => line.StartsWith("{\"step\"", StringComparison.Ordinal));
        Assert.That(Checkpoints(run)[^1], Is.EqualTo($"step-{done:D8}.drseg"));
    }

    [Test]
    public void TwoRanksEvaluateToTheLastBitAsOneProcess()
    {
        string data = _folder.Path("many-rows");
        TinyWorkspace.WriteCoco(data, 70);
        string[] arguments = ["evaluate", "--data", data, "--model", _folder.Model, "--out"];
        (int code, string said) = MpiJob.Run(0, [.. arguments, _folder.Path("one.json")]);
        Assert.That(code, Is.Zero, said);
        (code, said) = MpiJob.Run(2, [.. arguments, _folder.Path("two.json")]);
        Assert.That(code, Is.Zero, said);
        Assert.That(JsonNode.Parse(File.ReadAllText(_folder.Path("two.json")))!["rows"]!.ToJsonString(), Is.EqualTo(JsonNode.Parse(File.ReadAllText(_folder.Path("one.json")))!["rows"]!.ToJsonString()));
        Assert.That(said.Split("Figures: "), Has.Length.EqualTo(2));
    }

    [Test]
    public void AMistakeIsToldOnceAndEndsTheJobWithItsCode()
    {
        (int code, string said) = MpiJob.Run(2, "train", "--data", _folder.Path("nothing-there"), "--model", _folder.Model, "--out", _folder.Path("refused"));
        Assert.That(code, Is.EqualTo(ExitCode.Failed));
        Assert.That(said, Does.Contain("rank 0 of 2").And.Contain("nothing-there"));
        Assert.That(said, Does.Not.Contain("rank 1 of 2 ("), "the other rank met the same");
    }

    private string[] Arguments(string run, int steps = Steps) =>
        ["train", "--options", _folder.Options, "--out", _folder.Path(run), "--steps", $"{steps}", "--checkpoint-every-n-steps", $"{CheckpointEvery}", "--confirmation-learning-rate", "1e-3", "--threshold-examples", "7"];

    private static string Log(string run)
    {
        string log = Path.Combine(run, "log.jsonl");
        if (!File.Exists(log)) return "";
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private static void SameRun(string found, string expected)
    {
        string[] now = LogLines(found), then = LogLines(expected);
        Assert.That(now, Has.Length.EqualTo(then.Length));
        foreach ((string line, string other) in now.Zip(then)) Same(JsonNode.Parse(line)!, JsonNode.Parse(other)!, line);
        // The first step's answers are the very same, so what they are worth is equal to the last bit.
        JsonNode first = First(now), before = First(then);
        foreach (string figure in new[] { "reward", "maskIoU", "boxIoU", "failedShare", "answerLength", "secondLookShare" })
            Assert.That((double)first[figure]!, Is.EqualTo((double)before[figure]!), figure);
        using var trained = DrSegModel.Load(Path.Combine(found, "model.drseg"));
        using var alone = DrSegModel.Load(Path.Combine(expected, "model.drseg"));
        Assert.That(TinyModel.MeanDistance(TinyModel.PolicyWeights(trained), TinyModel.PolicyWeights(alone)), Is.LessThan(1e-5));
        Assert.That(trained.Threshold, Is.EqualTo(alone.Threshold).Within(1e-4f));
    }

    private static JsonNode First(string[] lines) => JsonNode.Parse(lines.First(line => line.StartsWith("{\"step\"", StringComparison.Ordinal)))!["step"]!;

    // All figures within rounding, all else the same.
    private static void Same(JsonNode found, JsonNode expected, string line)
    {
        foreach ((string name, JsonNode? value) in expected.AsObject())
        {
            JsonNode? own = found[name];
            if (value is JsonObject) Same(own!, value, line);
            else if (value is JsonValue number && number.TryGetValue(out double then)) Assert.That((double)own!, Is.EqualTo(then).Within(1e-4 + 1e-3 * Math.Abs(then)), $"{name} in {line}");
            else Assert.That(own?.ToJsonString(), Is.EqualTo(value?.ToJsonString()), $"{name} in {line}");
        }
    }
}
