using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

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

    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!;
    private IDataView _rows = null!;
    private DistributionRankedRewardScorer _scorer = null!;

    [SetUp]
    public void Fit()
    {
        _folder = new();
        var random = new Random(12);
        SegmentationMask Strip(int width) => SegmentationMask.FromBox(new(10, 10, 10 + width, 20), 70, 40);
        _rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(_ => new Query { Candidates = new([Strip(random.Next(1, 60)), Strip(random.Next(1, 60)), null]), Mask = Strip(33) }).ToArray());
        _scorer = _context.DrSeg().DistributionRankedReward(Options).Fit(_rows);
    }

    [TearDown]
    public void RemoveTheFolder() => _folder.Dispose();

    [Test]
    public void BothWaysBringItBackBitForBit()
    {
        _scorer.SaveDrSeg(_folder.File("scorer.drseg"));
        using TransformerChain<ITransformer> own = _context.DrSeg().LoadModel(_folder.File("scorer.drseg"));
        Assert.That(((DistributionRankedRewardScorer)own.LastTransformer).SaveState(), Is.EqualTo(_scorer.SaveState()));
        // ML.NET saves no schema whose columns are all masks.
        Assert.That(() => _context.Model.Save(_scorer, _rows.Schema, _folder.File("none.zip")), Throws.InvalidOperationException.With.Message.Contains("No valid columns"));
        _context.Model.Save(_scorer, null, _folder.File("scorer.zip"));
        ITransformer official = _context.Model.Load(_folder.File("scorer.zip"), out _);
        string[] names = ["Value", "Rank", .. Enum.GetNames<RewardComponent>().Select(name => "Of" + name).Where(name => _scorer.GetOutputSchema(_rows.Schema).GetColumnOrNull(name) is not null)];
        Assert.That(names, Has.Length.EqualTo(10));
        foreach (string name in names)
        {
            float[][] expected = [.. _scorer.Transform(_rows).GetColumn<float[]>(name)];
            Assert.That(own.Transform(_rows).GetColumn<float[]>(name), Is.EqualTo(expected), name);
            Assert.That(official.Transform(_rows).GetColumn<float[]>(name), Is.EqualTo(expected), name);
        }
    }

    [TestCase("\"Dice\":\\s*\\[[^]]*\\]", "\"Dice\": null", "no window of Dice")]
    [TestCase("\"RankColumnName\": \"Rank\"", "\"RankColumnName\": \"Value\"", "'Value'")]
    [TestCase("\"CandidateCount\": \\d+", "\"CandidateCount\": 2000000000", "CandidateCount must be 0 to 4,096")]
    [TestCase("\"MaskColumnName\": \"Mask\"", "\"MaskColumnName\": \"\"", "must name a column")]
    public void AFileThatDoesNotHoldIsRefused(string written, string instead, string said)
    {
        Rewrite(written, instead);
        Assert.That(() => _context.DrSeg().LoadModel(_folder.File("scorer.drseg")), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void AGiantWindowTakesTheMemoryOfItsValues()
    {
        Rewrite("\"WindowCapacity\": 50", "\"WindowCapacity\": 2000000000");
        long before = GC.GetAllocatedBytesForCurrentThread();
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(_folder.File("scorer.drseg"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(20_000_000));
        Assert.That(((DistributionRankedRewardScorer)loaded.LastTransformer).SaveState(), Is.EqualTo(_scorer.SaveState()));
    }

    /// <summary>Saves the scorer with another list of steps.</summary>
    private void Rewrite(string written, string instead)
    {
        _scorer.SaveDrSeg(_folder.File("scorer.drseg"));
        using ZipArchive zip = ZipFile.Open(_folder.File("scorer.drseg"), ZipArchiveMode.Update);
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
