using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Tests.Reporting;
using Microsoft.ML.DrSeg.Training.Runs;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>The command line in a process of its own, killed without a warning, interrupted, and resumed.</summary>
[NonParallelizable]
public class KilledRunTests
{
    private const int Steps = 14, Patience = 120_000;
    private static readonly string Tool = Path.Combine(TestContext.CurrentContext.TestDirectory, "drseg.dll");

    private TemporaryFolder folder = null!;
    private byte[] expectedCheckpoint = null!;
    private string[] expectedLines = null!;

    [OneTimeSetUp]
    public void TrainWithoutAPause()
    {
        folder = new TemporaryFolder();
        using (DrSegModel model = TinyModel.Trained()) model.Save(folder.File("tiny.drseg"));
        WriteCoco(folder.File("coco"), 9);
        (int code, string said) = Run("whole");
        Assert.That(code, Is.Zero, said);
        expectedCheckpoint = LastCheckpoint(folder.File("whole"));
        expectedLines = LogLines(folder.File("whole"));
        Assert.That(expectedLines, Has.Length.EqualTo(1 + Steps + Steps / 4 + 1 + 1), "start, steps, validations every four and at the end, end");
    }

    [OneTimeTearDown]
    public void RemoveAll() => folder.Dispose();

    /// <summary>Killed as soon as the log shows a step: at the start, between checkpoints, and about when one is written.</summary>
    [Test]
    public void AKilledRunGoesOnAsIfNothingHadHappened()
    {
        string run = folder.File("killed");
        foreach (int step in new[] { 1, 5, 11 })
        {
            using Process process = Start("killed", "--resume");
            WaitForLine(process, run, $"{{\"step\":{{\"step\":{step},");
            process.Kill();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Not.Zero);
        }
        // What a kill within the writing of a checkpoint leaves.
        File.WriteAllBytes(Path.Combine(run, "checkpoints", "step-00000013.drseg.tmp"), expectedCheckpoint[..(expectedCheckpoint.Length / 2)]);
        Assert.That(File.ReadAllText(TrainingReport.Write(run)), Does.Contain("broken off without a word"));

        (int code, string said) = Run("killed", "--resume");
        Assert.That(code, Is.Zero, said);
        Assert.That(LastCheckpoint(run), Is.EqualTo(expectedCheckpoint));
        Assert.That(LogLines(run), Is.EqualTo(expectedLines));
        Assert.That(File.ReadAllBytes(Path.Combine(run, "model.drseg")), Is.EqualTo(File.ReadAllBytes(folder.File("whole/model.drseg"))));
        Assert.That(Checkpoints(run), Has.None.EndsWith(".tmp"));
    }

    [Test]
    public void AnInterruptedRunWritesACheckpointSaysHowToGoOnAndDoes()
    {
        if (InterruptsAreIgnored()) Assert.Ignore("These tests were started with interrupts ignored, as a shell starts what runs in the background; so is every process below them.");
        string run = folder.File("interrupted");
        using Process process = Start("interrupted");
        WaitForLine(process, run, "{\"step\":{\"step\":3,");
        // The shell's own: a small system has no other.
        Process.Start("sh", ["-c", $"kill -INT {process.Id}"]).WaitForExit();
        Assert.That(process.WaitForExit(Patience));
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(process.StandardError.ReadToEnd(), Does.Contain("--resume"));
        Assert.That(LogLines(run)[^1], Does.Contain("cancelled"));
        Assert.That(File.Exists(Path.Combine(run, "report.html")));
        // Only what was not said before need be said.
        (int code, string said) = RunTool("train", "--resume", "--out", run);
        Assert.That(code, Is.Zero, said);
        Assert.That(LastCheckpoint(run), Is.EqualTo(expectedCheckpoint));
        Assert.That(LogLines(run), Is.EqualTo(expectedLines));
    }

    // The mask has bit n - 1 for signal n, and an interrupt is signal 2.
    private static bool InterruptsAreIgnored()
    {
        const string Field = "SigIgn:";
        string mask = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return (Convert.ToUInt64(mask.Trim(), 16) & 2) != 0;
    }

    [Test]
    public void OptionsComeFromAFileAndTheCommandLineIsStronger()
    {
        JsonNode resolved = JsonNode.Parse(File.ReadAllText(folder.File("whole/options.json")))!;
        Assert.That((int)resolved["steps"]!, Is.EqualTo(Steps));
        Assert.That((int)resolved["queriesPerStep"]!, Is.EqualTo(3), "from the file");
        Assert.That((string?)resolved["lossAggregation"], Is.EqualTo("dapo"));
        Assert.That((double)resolved["clipHigh"]!, Is.EqualTo(0.2), "the default");
    }

    [Test]
    public void ProblemsHaveOneLineAndAnExitCode()
    {
        Assert.Multiple(() =>
        {
            Fails(1, "holds a run already", "train", "--out", folder.File("whole"), "--options", folder.File("options.json"));
            Fails(1, "GroupSize must be at least 2", "train", "--out", folder.File("none"), "--options", folder.File("options.json"), "--group-size", "1");
            Fails(1, "there is no", "report", folder.File("none"));
            Fails(2, "--no-such-option", "train", "--no-such-option");
            File.WriteAllText(folder.File("bad.json"), "{\"stepz\": 3}");
            Fails(1, "stepz", "train", "--out", folder.File("none"), "--options", folder.File("bad.json"));
        });
        Assert.That(Directory.Exists(folder.File("none")), Is.False);
    }

    [Test]
    public void PredictWritesMaskAndOverlay()
    {
        (int code, string said) = RunTool("predict", folder.File("coco/images/0.png"), "the red", "--model", folder.File("whole/model.drseg"), "--out", folder.File("predicted"));
        // The scene may show another colour; a mask of that size is written in any case.
        Assert.That(code, Is.Zero, said);
        SegmentationMask mask = SegmentationMask.LoadPng(folder.File("predicted/0.mask.png"));
        Assert.That((mask.Width, mask.Height), Is.EqualTo((TinyModel.Side, TinyModel.Side)));
        Assert.That(RgbImage.Load(folder.File("predicted/0.overlay.png")).Width, Is.EqualTo(TinyModel.Side));
        JsonNode prediction = JsonNode.Parse(File.ReadAllText(folder.File("predicted/0.prediction.json")))!;
        Assert.That((long)prediction["pixels"]!, Is.EqualTo(mask.Area));
        Assert.That((int)prediction["options"]!["seed"]!, Is.EqualTo(1), "the default");
    }

    [Test]
    public void EvaluateMeasuresACheckpoint()
    {
        string checkpoint = Directory.EnumerateFiles(folder.File("whole/checkpoints")).Max()!;
        (int code, string said) = RunTool("evaluate", "--data", folder.File("coco"), "--model", checkpoint, "--out", folder.File("figures.json"));
        Assert.That(code, Is.Zero, said);
        JsonNode figures = JsonNode.Parse(File.ReadAllText(folder.File("figures.json")))!;
        Assert.That((int)figures["queries"]!, Is.EqualTo(9));
        Assert.That((string?)figures["options"]!["model"], Is.EqualTo(checkpoint));
        Assert.That((double)figures["rows"]![0]!["gIoU"]!, Is.InRange(0, 1));
    }

    [Test]
    public void TheShellCompletesOptions()
    {
        (int code, string said) = RunTool("[suggest:12]", "train --loss");
        Assert.That(code, Is.Zero);
        Assert.That(said, Does.Contain("--loss-aggregation"));
    }

    private void Fails(int code, string said, params string[] arguments)
    {
        (int found, string output) = RunTool(arguments);
        Assert.That(found, Is.EqualTo(code), output);
        Assert.That(output, Does.Contain(said));
    }

    private string[] Arguments(string run, params string[] more)
    {
        if (!File.Exists(folder.File("options.json")))
            File.WriteAllText(folder.File("options.json"), $$"""
                {
                  // Comments are welcome.
                  "model": "{{folder.File("tiny.drseg")}}", "data": "{{folder.File("coco")}}", "validationData": "{{folder.File("coco")}}",
                  "steps": 5, "queriesPerStep": 3, "groupSize": 4, "learningRate": 1e-3, "lossAggregation": "dapo",
                  "lookToConfirm": true, "ranking": "referenceWindow", "shufflePoolSize": 4,
                  "checkpointEveryNSteps": 3, "keepCheckpoints": 2, "validateEveryNSteps": 4, "sampleEveryNSteps": 0,
                }
                """);
        return ["train", "--options", folder.File("options.json"), "--out", folder.File(run), "--steps", $"{Steps}", .. more];
    }

    private (int Code, string Said) Run(string run, params string[] more) => RunTool(Arguments(run, more));

    private Process Start(string run, params string[] more) => DotnetProcess.Start(Tool, Arguments(run, more));

    private static (int Code, string Said) RunTool(params string[] arguments)
    {
        (int code, string output, string errors) = DotnetProcess.Run(Tool, arguments);
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

    private static void WriteCoco(string path, int count)
    {
        Directory.CreateDirectory(Path.Combine(path, "images"));
        JsonArray images = [], annotations = [], categories = [];
        for (int i = 0; i < TinyModel.Nouns.Length; i++) categories.Add(new JsonObject { ["id"] = i + 1, ["name"] = TinyModel.Nouns[i] });
        for (int i = 0; i < count; i++)
        {
            SegmentationExample example = TinyModel.Example(i);
            example.Image.Save(Path.Combine(path, "images", $"{i}.png"));
            BoundingBox box = example.Mask.Box;
            images.Add(new JsonObject { ["id"] = i + 1, ["file_name"] = $"{i}.png", ["width"] = TinyModel.Side, ["height"] = TinyModel.Side });
            annotations.Add(new JsonObject
            {
                ["id"] = i + 1,
                ["image_id"] = i + 1,
                ["category_id"] = Array.IndexOf(TinyModel.Nouns, example.Query) + 1,
                ["segmentation"] = new JsonArray(new JsonArray(box.X0, box.Y0, box.X1, box.Y0, box.X1, box.Y1, box.X0, box.Y1)),
                ["iscrowd"] = 0,
            });
        }
        File.WriteAllText(Path.Combine(path, "instances.json"), new JsonObject { ["images"] = images, ["annotations"] = annotations, ["categories"] = categories }.ToJsonString());
    }
}
