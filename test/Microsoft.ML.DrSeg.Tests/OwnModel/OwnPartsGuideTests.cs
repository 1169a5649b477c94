using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>The code of the section "Your own parts" of <c>docs/guides/mlnet.md</c> is compiled in this folder, and runs.</summary>
public partial class OwnPartsGuideTests
{
    [Test]
    public void TheGuidesModelIsTrainedSavedAndLoaded()
    {
        var mlContext = new MLContext(1);
        using var temporary = new TemporaryFolder();
        (string folder, string path, TextModelShape shape, int steps) = (temporary.File("run"), temporary.File("model.drseg"), TextModel.Shape, 2);
        IDataView rows = mlContext.Data.LoadFromEnumerable(TextModelRow.Many(24));

        ModelFormat.Register(TextModelFormat.Instance);                       // once in every process that loads such files
        using var model = new DrSegModel(new TextPolicy(shape, CPU), new ThresholdSegmenter(), new ColourConfirmation(), TextModelFormat.Instance);
        using var trained = mlContext.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = model,                                                // a copy is trained
            Reward = new DistributionRankedReward(),
            Training = new() { Steps = steps, Run = new RunOptions(folder) { Resume = true } },
        })
        .Append(mlContext.DrSeg().LookToConfirm())
        .Fit(rows);
        trained.SaveDrSeg(path);
        using var loaded = mlContext.DrSeg().LoadModel(path);

        long[] Areas(ITransformer answering) => [.. answering.Transform(rows).GetColumn<SegmentationMask>("PredictedMask").Select(mask => mask.Area)];
        Assert.That(Areas(loaded), Is.EqualTo(Areas(trained)));
    }

    [Test]
    public void TheGuidesCodeIsCompiledHere()
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/mlnet.md"));
        string section = guide[guide.IndexOf("## Your own parts", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        string[] blocks = [.. Block().Matches(section).Select(match => Lines(match.Groups[1].Value))];
        string[] sources = [.. Directory.GetFiles(Path.Combine(Repository.Root, "test/Microsoft.ML.DrSeg.Tests/OwnModel"), "*.cs").Select(file => Lines(File.ReadAllText(file)))];
        Assert.That(blocks, Has.Length.EqualTo(2));
        foreach (string block in blocks)
            Assert.That(sources, Has.Some.Contains(block));
    }

    // However deep it is indented.
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
