using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The code of <c>docs/guides/qwen.md</c> is compiled here, and runs on a tiny model.</summary>
public partial class QwenGuideTests
{
    private const int Rows = 6;

    [Test]
    public void TheGuidesModelIsTrainedSavedAndExported()
    {
        using var temporary = new TemporaryFolder();

        Device device = cuda.is_available() ? CUDA : CPU;
        string qwen = "models/Qwen2.5-VL-3B-Instruct", sam = "models/sam2.1-hiera-large", data = "data/train", run = "runs/qwen";
        (int steps, int thresholdExamples) = (1000, 300);
        var options = new QwenModelOptions { Recipe = QwenRecipe.DrSeg, LongestAnswer = 512, LoraRank = 16, LoraAlpha = 32 };

        (qwen, sam, data, run, steps, thresholdExamples, device) = (TaughtQwen.Folder.Model, TaughtQwen.Folder.Segmenter, Write(temporary.File("data")), temporary.File("run"), 2, 4, CPU);
        options = options with { Recipe = TinyQwenFolder.Recipe, LongestAnswer = 48 };
        var mlContext = new MLContext(1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(SceneRow.Many(Rows));

        using DrSegModel model = QwenModel.Load(qwen, sam, options, device);

        QwenCheck check = QwenModel.Check(qwen, sam, DataSetFinder.Open(data), options);

        using var trained = mlContext.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = model,                                                // a copy of its adapter and head is trained
            Reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.WithinGroup }),
            Training = new()
            {
                Steps = steps,
                Sampling = new()
                {
                    QueriesPerStep = 4,
                    GroupSize = 8,
                    LookToConfirm = new() { FirstLookAnswers = 4, CloserViews = 1, AnswersPerCloserView = 4, Threshold = model.Threshold },
                },
                Objective = new() { DivergenceWeight = 0.01 },
                Optimizer = new() { LearningRate = 2e-5, ConfirmationLearningRate = 1e-3 },
                ThresholdExamples = thresholdExamples,
                Run = new RunOptions(run) { CheckpointEveryNSteps = 25, Resume = true },
            },
        }).Fit(rows);

        using var looking = mlContext.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = trained.Model, Threshold = trained.Model.Threshold }).Fit(rows);
        SegmentationMask[] masks = [.. looking.Transform(rows).GetColumn<SegmentationMask>("PredictedMask")];

        string folder = temporary.Path;

        trained.Model.Save(Path.Combine(folder, "trained.drseg"));            // adapter, head and threshold
        using var loaded = DrSegModel.Load(Path.Combine(folder, "trained.drseg"), device);

        loaded.SaveAdapter(Path.Combine(folder, "adapter"));                  // for peft and vLLM
        loaded.SaveMerged(Path.Combine(folder, "merged"));                    // needs no adapter

        using DrSegModel further = QwenModel.Load(qwen, sam, options with { Adapter = Path.Combine(folder, "adapter") }, device);

        Assert.That((check.Rows, check.FailedRows, check.Objects), Is.EqualTo((Rows, 0, Rows)));
        Assert.That(masks, Has.Length.EqualTo(Rows));
        Assert.That(trained.Model.Threshold, Is.LessThan(model.Threshold), "learned");
        Assert.That(Factors(loaded), Is.EqualTo(Factors(trained.Model)));
        Assert.That(Factors(further), Is.EqualTo(Factors(trained.Model)));
        Assert.That(Factors(trained.Model), Is.Not.EqualTo(Factors(model)));
        using DrSegModel merged = QwenModel.Load(Path.Combine(folder, "merged"), sam, options, device);
        Assert.That(((QwenPolicy)merged.Policy).Adapter.SaysNothing);
        Assert.That(Directory.GetFiles(Path.Combine(run, "checkpoints")), Is.Not.Empty);
    }

    [Test]
    public void TheGuidesRecipesCanBeAsked()
    {
        var options = TinyQwenFolder.Options;

        var mine = new QwenRecipe
        {
            Template = "\nFind \"{query}\". Think between <think> and </think>, then answer between <answer> and </answer>, in pixels of the picture: {example}",
            Frame = CoordinateFrame.ResizedPixels,
            Sizing = new SmartSizing(MaxPixels: 640 * 640),
        };
        var setting = new GrpoSegmentationTrainer.Options { Training = QwenRecipe.DrSegTraining, Reward = new DistributionRankedReward(QwenRecipe.DrSegReward) };
        Assert.That(setting.Training.Steps, Is.EqualTo(500));

        QwenModelOptions trying = options with { Recipe = QwenRecipe.ResizedPixels with { Reading = AnswerReading.Tolerant } };

        foreach (QwenRecipe recipe in new[] { mine, trying.Recipe! })
        {
            using DrSegModel model = TaughtQwen.Folder.Load(options with { Recipe = recipe, LongestPrompt = 2000 });
            using PromptBatch prompts = model.Policy.Prepare(TaughtQwen.Prompts(1, 1));
            Assert.That(model.Policy.Generate(prompts, 1, AnswerSampling.Greedy)[0][0].Tokens, Is.Not.Empty);
        }
    }

    [Test]
    public void TheGuidesCodeIsCompiledHere()
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/qwen.md"));
        string[] blocks = [.. Block().Matches(guide).Select(match => Lines(match.Groups[1].Value))];
        string source = Lines(File.ReadAllText(Path.Combine(Repository.Root, "test/Microsoft.ML.DrSeg.Qwen.Tests/Guide/QwenGuideTests.cs")));
        Assert.That(blocks, Has.Length.EqualTo(9));
        foreach (string block in blocks)
            Assert.That(source, Does.Contain(block));
    }

    // The rows as a folder of images and one of masks.
    private static string Write(string folder)
    {
        foreach (SegmentationExample example in Enumerable.Range(0, Rows).Select(i => TinyScenes.Of(i)))
        {
            example.Image.Save(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "images")).FullName, $"{example.Id}.png"));
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "masks", example.Query)).FullName, $"{example.Id}.png"), example.Mask.ToPng());
        }
        return folder;
    }

    private static float[] Factors(DrSegModel model) => [.. model.Policy.Parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];

    // However deep it is indented.
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
