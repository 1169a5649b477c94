using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Qwen.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Real models through the command line: a Qwen and a SAM so tiny that they are trained in a moment.</summary>
public class RealModelTests : WorkspaceTests
{
    private TinyQwenFolder _tiny = null!;
    private string _run = null!, _trained = null!;

    [OneTimeSetUp]
    public void TrainOneStep()
    {
        _tiny = new TinyQwenFolder();
        _run = _folder.Path("real-run");
        _trained = CommandLine.Succeed(["train", .. Model, "--data", _folder.DataSet, "--validation-scenes", "0", "--steps", "1", "--queries-per-step", "2", "--group-size", "2",
            "--longest-answer", "12", "--lora-rank", "2", "--out", _run]);
    }

    [OneTimeTearDown]
    public void RemoveModel() => _tiny.Dispose();

    private string[] Model => ["--qwen", _tiny.Model, "--sam", _tiny.Segmenter];

    private string Image => _folder.Path("coco/images/0.png");

    [Test]
    public void TrainingLeavesModelAndAdapterAndSaysWhere()
    {
        Assert.That(_trained, Does.Contain("step 1 of 1").And.Contain($"Model: {Path.Combine(_run, "model.drseg")}").And.Contain($"Adapter (peft): {Path.Combine(_run, "adapter")}"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(_run, "adapter", "adapter_config.json")))!;
        Assert.That((int)config["r"]!, Is.EqualTo(2));
        Assert.That(File.Exists(Path.Combine(_run, "adapter", "adapter_model.safetensors")));
        Assert.That((string?)JsonNode.Parse(File.ReadAllText(Path.Combine(_run, "options.json")))!["sam"], Is.EqualTo(_tiny.Segmenter));
    }

    [Test]
    public void ThePredictionIsWritten()
    {
        string said = CommandLine.Succeed(["predict", Image, "anything at all", .. Model, "--adapter", Path.Combine(_run, "adapter"), "--longest-answer", "12", "--greedy", "--recipe", "dr-seg", "--out", _folder.Path("real")]);
        JsonNode written = JsonNode.Parse(File.ReadAllText(_folder.Path("real/0.prediction.json")))!;
        Assert.That(said, Does.Contain("1 hypothesis"));
        Assert.That((string?)written["options"]!["recipe"], Is.EqualTo("drSeg"));
        Assert.That(RgbImage.Load(_folder.Path("real/0.overlay.png")).Width, Is.EqualTo(RgbImage.Load(Image).Width));
    }

    [Test]
    public void TheTrainedFileIsMeasuredLikeAnyModel()
    {
        string said = CommandLine.Succeed("evaluate", "--model", Path.Combine(_run, "model.drseg"), "--data", _folder.DataSet, "--out", _folder.Path("real.json"));
        Assert.That(said, Does.Contain("model.drseg"));
        Assert.That((int)JsonNode.Parse(File.ReadAllText(_folder.Path("real.json")))!["queries"]!, Is.EqualTo(TinyWorkspace.Images));
    }

    [Test]
    public void CheckPrintsTheFiguresAndDrawsThePicture()
    {
        string picture = _folder.Path("check.png"), said = Check("--memory-gb", "24", "--picture", picture);
        Assert.That(said, Does.Match(@"rows +9 looked at, 9 true objects").And.Match(@"prompts +\d+\.\d tokens in the mean, \d+ at most, of 4096 allowed; images \d").And
            .Match(@"truth +comes back with box IoU 1\.000 in the mean, 1\.000 at least; 100\.0% of the points").And.Match(@"trained +adapter \(LoRA\): [\d,]+ parameters beside self_attn\.q_proj").And
            .Match(@"\d\.\d\d GB  kept inputs of layers +--group-size, --longest-answer, smaller images, --queries-per-step").And.Match(@"GPU +24\.00 GB: enough").And.Match(@"problems +0").And.Contain(picture));
        var drawn = RgbImage.Load(picture);
        Assert.That(Enumerable.Range(0, drawn.Width * drawn.Height).Any(pixel => new RgbColor(drawn.Pixels[3 * pixel], drawn.Pixels[3 * pixel + 1], drawn.Pixels[3 * pixel + 2]) == RgbColor.Yellow), "boxes");
    }

    [Test]
    public void AGpuThatIsTooSmallIsToldWhatToLower()
    {
        Said said = CommandLine.Run(["check", _tiny.Model, _folder.DataSet, "--sam", _tiny.Segmenter, "--memory-gb", "1", "--picture", _folder.Path("small.png")]);
        Assert.That(said.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(said.Output, Does.Match(@"GPU +1\.00 GB: not enough"));
        Assert.That(said.Errors, Does.Contain("lower").And.Contains("--weight-type").And.Contains("--group-size"));
    }

    [Test]
    public void RowsThatFailAreNamedAndTheCodeSaysSo()
    {
        Said said = CommandLine.Run(["check", _tiny.Model, _folder.DataSet, "--sam", _tiny.Segmenter, "--memory-gb", "24", "--longest-prompt", "10"]);
        Assert.That(said.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(said.Output, Does.Match(@"Row 0 \('.*0\.png', ""\w+""\): The prompt has \d+ tokens"));
        Assert.That(said.Errors, Does.Contain("9 of 9 rows fail"));
    }

    [Test]
    public void WhatIsMissingOrDoesNotGoTogetherIsNamed()
    {
        string missing = _folder.Path("missing"), bare = Directory.CreateDirectory(_folder.Path("bare")).FullName;
        Assert.Multiple(() =>
        {
            CommandLine.Refuse(ExitCode.Failed, [missing], "check", missing, _folder.DataSet, "--sam", _tiny.Segmenter);
            CommandLine.Refuse(ExitCode.Failed, [bare, "model.safetensors"], "check", bare, _folder.DataSet, "--sam", _tiny.Segmenter);
            CommandLine.Refuse(ExitCode.Failed, [missing], "check", _tiny.Model, missing, "--sam", _tiny.Segmenter);
            CommandLine.Refuse(ExitCode.Failed, [missing], "check", _tiny.Model, _folder.DataSet, "--sam", missing);
            CommandLine.Refuse(ExitCode.Failed, ["--sam"], "check", _tiny.Model, _folder.DataSet);
            CommandLine.Refuse(ExitCode.Failed, ["--rows is 0", "at least 1"], "check", _tiny.Model, _folder.DataSet, "--sam", _tiny.Segmenter, "--rows", "0");
            foreach (string[] command in new string[][] { ["train"], ["evaluate"], ["predict", Image, "red"] })
            {
                CommandLine.Refuse(ExitCode.Failed, [missing], [.. command, "--qwen", missing, "--sam", _tiny.Segmenter]);
                CommandLine.Refuse(ExitCode.Failed, ["--qwen needs --sam"], [.. command, "--qwen", _tiny.Model]);
                CommandLine.Refuse(ExitCode.Failed, ["--sam", "--qwen"], [.. command, "--sam", _tiny.Segmenter]);
                CommandLine.Refuse(ExitCode.Failed, ["--lora-rank is 0", "1 to 1,024"], [.. command, .. Model, "--lora-rank", "0"]);
                CommandLine.Refuse(ExitCode.Failed, ["--max-pixels", "--recipe"], [.. command, .. Model, "--max-pixels", "50000"]);
                CommandLine.Refuse(ExitCode.Usage, ["--model and --qwen exclude each other"], [.. command, .. Model, "--model", _folder.Model]);
                CommandLine.Refuse(ExitCode.Usage, ["--recipe must be Own, DrSeg"], [.. command, .. Model, "--recipe", "mine"]);
            }
        });
    }

    [Test]
    public void TheDriversFigureIsReadAsBytes()
    {
        Assert.That(GpuMemory.Parse("81559\n"), Is.EqualTo(81559.0 * 1024 * 1024));
        Assert.That(GpuMemory.Parse("[N/A]"), Is.Null);
    }

    private string Check(params string[] more) => CommandLine.Succeed(["check", _tiny.Model, _folder.DataSet, "--sam", _tiny.Segmenter, .. more]);
}
