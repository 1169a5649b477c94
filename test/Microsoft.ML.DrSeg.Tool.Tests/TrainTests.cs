using System.Text.Json.Nodes;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.WrittenRun;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class TrainTests : WorkspaceTests
{
    private string _run = null!, _said = null!;

    [OneTimeSetUp]
    public void TrainTwoSteps()
    {
        _run = _folder.Path("run");
        _said = CommandLine.Succeed("train", "--options", _folder.Options, "--out", _run, "--steps", "2", "--sample-every-n-steps", "2");
    }

    [Test]
    public void ARunLeavesLogCheckpointPicturesModelAndReportAndSaysWhere()
    {
        Assert.That(_said, Does.Contain("step 2 of 2").And.Contain("validation at step 2").And
            .Contain($"Model: {Path.Combine(_run, "model.drseg")}").And.Contain($"Report: {Path.Combine(_run, "report.html")}"));
        Assert.That(Checkpoints(_run), Is.EqualTo(new[] { "step-00000002.drseg" }));
        Assert.That(LogLines(_run).Count(line => line.StartsWith("{\"step\"", StringComparison.Ordinal)), Is.EqualTo(2));
        foreach (string file in new[] { "model.drseg", "report.html", "options.json", "samples/step-00000002.png" })
            Assert.That(new FileInfo(Path.Combine(_run, file)), Has.Property("Exists").True.And.Length.GreaterThan(0), file);
    }

    [Test]
    public void TheOptionsAreWrittenAsResolved()
    {
        JsonNode resolved = JsonNode.Parse(File.ReadAllText(Path.Combine(_run, "options.json")))!;
        Assert.That((int)resolved["steps"]!, Is.EqualTo(2), "from the command line, which is stronger");
        Assert.That((int)resolved["queriesPerStep"]!, Is.EqualTo(3), "from the file");
        Assert.That((string?)resolved["lossAggregation"], Is.EqualTo("dapo"));
        Assert.That((double)resolved["clipHigh"]!, Is.EqualTo(0.2), "the default");
    }

    [Test]
    public void ASecondRunIntoTheFolderIsRefused()
    {
        string[] before = LogLines(_run);
        CommandLine.Refuse(ExitCode.Failed, [_run, "holds a run already", "--resume"], "train", "--options", _folder.Options, "--out", _run, "--steps", "2");
        Assert.That(LogLines(_run), Is.EqualTo(before));
    }

    [Test]
    public void OtherOptionsAreRefusedWhenARunGoesOn()
    {
        string[] before = LogLines(_run);
        CommandLine.Refuse(ExitCode.Failed, ["GroupSize"], "train", "--resume", "--out", _run, "--group-size", "6");
        Assert.That(LogLines(_run), Is.EqualTo(before));
        Assert.That((int)JsonNode.Parse(File.ReadAllText(Path.Combine(_run, "options.json")))!["groupSize"]!, Is.EqualTo(4));
    }

    [Test]
    public void AFinishedRunGoesOnForMoreStepsAndIsComparedWithWhatItWas()
    {
        string copy = _folder.Path("longer");
        foreach (string file in Directory.EnumerateFiles(_run, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy, Path.GetRelativePath(_run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        string said = CommandLine.Succeed("train", "--resume", "--out", copy, "--steps", "3");
        Assert.That(said, Does.Contain("step 3 of 3").And.Not.Contain("step 2 of"));
        Assert.That((int)JsonNode.Parse(File.ReadAllText(Path.Combine(copy, "options.json")))!["steps"]!, Is.EqualTo(3));
        string report = _folder.Path("both.html");
        Assert.That(CommandLine.Succeed("report", _run, copy, "--out", report), Is.EqualTo($"Report: {report}{Environment.NewLine}"));
        Assert.That(File.ReadAllText(report), Does.Contain("2 training runs").And.Contain("longer").And.Contain("Steps"));
    }

    [Test]
    public void AFinishedRunHasNothingToGoOnWith()
    {
        byte[] model = File.ReadAllBytes(Path.Combine(_run, "model.drseg"));
        Assert.That(CommandLine.Succeed("train", "--resume", "--out", _run), Does.Contain("Model:").And.Not.Contain("step 3"));
        Assert.That(File.ReadAllBytes(Path.Combine(_run, "model.drseg")), Is.EqualTo(model));
        Assert.That(Checkpoints(_run), Is.EqualTo(new[] { "step-00000002.drseg" }));
    }

    [Test]
    public void TheReportIsWrittenAnew()
    {
        string copy = _folder.Path("copy");
        Directory.CreateDirectory(copy);
        File.Copy(Path.Combine(_run, "log.jsonl"), Path.Combine(copy, "log.jsonl"));
        Assert.That(CommandLine.Succeed("report", copy), Is.EqualTo($"Report: {Path.Combine(copy, "report.html")}{Environment.NewLine}"));
        Assert.That(File.ReadAllText(Path.Combine(copy, "report.html")), Does.Contain("2 of 2 steps"));
    }

    [Test]
    public void ACheckpointIsAModel()
    {
        string checkpoint = Path.Combine(_run, "checkpoints", Checkpoints(_run)[^1]);
        Assert.That(CommandLine.Succeed("evaluate", "--data", _folder.DataSet, "--model", checkpoint), Does.Contain("step-00000002.drseg"));
    }

    [Test]
    public void DivergenceHasACodeOfItsOwn()
    {
        // A bonus so large that the gradient overflows.
        Said diverged = CommandLine.Run("train", "--options", _folder.Options, "--out", _folder.Path("diverged"), "--entropy-weight", "1e38", "--largest-gradient-norm", "1e308");
        Assert.That(diverged.Code, Is.EqualTo(ExitCode.Diverged), diverged.Errors);
        Assert.That(diverged.Errors, Does.Match(@"\Adrseg: [^\n]*step 1 [^\n]*lower learning rate[^\n]*\n\z"));
    }

    [Test]
    public void SoHasAnUpdateAfterWhichNoAnswerCanBeDrawn()
    {
        Said diverged = CommandLine.Run("train", "--options", _folder.Options, "--out", _folder.Path("spoilt"), "--learning-rate", "1e30", "--warm-up-share", "0");
        Assert.That(diverged.Code, Is.EqualTo(ExitCode.Diverged), diverged.Errors);
        Assert.That(diverged.Errors, Does.Match(@"\Adrseg: [^\n]*step 2 [^\n]*score for token[^\n]*lower learning rate[^\n]*\n\z"));
    }
}
