using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Saving;

/// <summary>The scorer has no weights but a learnt distribution, whose numbers need all their digits.</summary>
public class SavedScorerTests
{
    private sealed class Query
    {
        [SegmentationMaskListType]
        public SegmentationMaskList? Candidates { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    private static readonly DistributionRankedRewardEstimator.Options Options = new()
    {
        RewardColumnName = "Value",
        MetricColumnPrefix = "Of",
        Reward = new() { Mode = RankedRewardMode.ReferenceWindow, Components = [new(RewardComponent.Dice, 3), new(RewardComponent.PointScore, .7)], WindowCapacity = 50, WindowMinimum = 10 },
    };

    private readonly MLContext context = new(1);
    private TemporaryFolder folder = null!;
    private IDataView rows = null!;
    private DistributionRankedRewardScorer scorer = null!;

    [SetUp]
    public void Fit()
    {
        folder = new();
        var random = new Random(12);
        SegmentationMask Strip(int width) => SegmentationMask.FromBox(new(10, 10, 10 + width, 20), 70, 40);
        rows = context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(_ => new Query { Candidates = new([Strip(random.Next(1, 60)), Strip(random.Next(1, 60)), null]), Mask = Strip(33) }).ToArray());
        scorer = context.DrSeg().DistributionRankedReward(Options).Fit(rows);
    }

    [TearDown]
    public void RemoveTheFolder() => folder.Dispose();

    [Test]
    public void BothWaysBringItBackBitForBit()
    {
        scorer.SaveDrSeg(folder.File("scorer.drseg"));
        using TransformerChain<ITransformer> own = context.DrSeg().LoadModel(folder.File("scorer.drseg"));
        Assert.That(((DistributionRankedRewardScorer)own.LastTransformer).SaveState(), Is.EqualTo(scorer.SaveState()));
        // ML.NET saves no schema whose columns are all masks.
        Assert.That(() => context.Model.Save(scorer, rows.Schema, folder.File("none.zip")), Throws.InvalidOperationException.With.Message.Contains("No valid columns"));
        context.Model.Save(scorer, null, folder.File("scorer.zip"));
        ITransformer official = context.Model.Load(folder.File("scorer.zip"), out _);
        string[] names = ["Value", "Rank", .. Enum.GetNames<RewardComponent>().Select(name => "Of" + name).Where(name => scorer.GetOutputSchema(rows.Schema).GetColumnOrNull(name) is not null)];
        Assert.That(names, Has.Length.EqualTo(10));
        foreach (string name in names)
        {
            float[][] expected = [.. scorer.Transform(rows).GetColumn<float[]>(name)];
            Assert.That(own.Transform(rows).GetColumn<float[]>(name), Is.EqualTo(expected), name);
            Assert.That(official.Transform(rows).GetColumn<float[]>(name), Is.EqualTo(expected), name);
        }
    }

    [TestCase("\"Dice\":\\s*\\[[^]]*\\]", "\"Dice\": null", "no window of Dice")]
    [TestCase("\"RankColumnName\": \"Rank\"", "\"RankColumnName\": \"Value\"", "'Value'")]
    [TestCase("\"CandidateCount\": \\d+", "\"CandidateCount\": 2000000000", "CandidateCount must be 0 to 4,096")]
    [TestCase("\"MaskColumnName\": \"Mask\"", "\"MaskColumnName\": \"\"", "must name a column")]
    public void AFileThatDoesNotHoldIsRefused(string written, string instead, string said)
    {
        Rewrite(written, instead);
        Assert.That(() => context.DrSeg().LoadModel(folder.File("scorer.drseg")), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void AGiantWindowTakesTheMemoryOfItsValues()
    {
        Rewrite("\"WindowCapacity\": 50", "\"WindowCapacity\": 2000000000");
        long before = GC.GetAllocatedBytesForCurrentThread();
        using TransformerChain<ITransformer> loaded = context.DrSeg().LoadModel(folder.File("scorer.drseg"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(20_000_000));
        Assert.That(((DistributionRankedRewardScorer)loaded.LastTransformer).SaveState(), Is.EqualTo(scorer.SaveState()));
    }

    /// <summary>Saves the scorer with another list of steps.</summary>
    private void Rewrite(string written, string instead)
    {
        scorer.SaveDrSeg(folder.File("scorer.drseg"));
        using ZipArchive zip = ZipFile.Open(folder.File("scorer.drseg"), ZipArchiveMode.Update);
        ZipArchiveEntry entry = zip.GetEntry("pipeline.json")!;
        string text;
        using (var reader = new StreamReader(entry.Open())) text = reader.ReadToEnd();
        Assert.That(text, Does.Match(written));
        entry.Delete();
        using var writer = new StreamWriter(zip.CreateEntry("pipeline.json").Open());
        writer.Write(Regex.Replace(text, written, instead));
    }

    /// <summary>Every metric of the scorer has its property in the row class that carries it through a model file.</summary>
    [Test]
    public void NoMetricIsForgotten() => Assert.That(
        typeof(RankedRewardMapping.Result).GetProperties().Select(property => property.Name),
        Is.EqualTo(new[] { "Reward", "Rank" }.Concat(RewardColumns.Components.Select(component => component.ToString()))));
}
