using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Policy, segmenter and reward of one's own, in the library's trainer, Look-to-Confirm and scorer.</summary>
public class OwnPartsTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _tiny = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _tiny = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _tiny.Dispose();

    private IMaskConfirmation Head()
    {
        // A head of the test's own, as good as the tiny model's: whoever brings parts brings all of them.
        return _tiny.Clone().Confirmation;
    }

    private static QueryRow[] InTheCorner(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        byte[] pixels = new byte[3 * TinyModel.Side * TinyModel.Side];
        var box = new BoundingBox(0, 0, TinyModel.Side / 2 + 8, TinyModel.Side / 2 + 8);
        for (int y = 0; y < box.Y1; y++)
            for (int x = 0; x < box.X1; x++)
                pixels[3 * (y * TinyModel.Side + x) + 2] = (byte)(200 + i);
        var image = new RgbImage(TinyModel.Side, TinyModel.Side, pixels);
        return new QueryRow { Image = image.ToMLImage(), Query = "blue", Mask = SegmentationMask.FromBox(box, TinyModel.Side, TinyModel.Side) };
    })];

    /// <summary>The reward asks for small boxes: what the table ends up drawing is the smallest box it can spell.</summary>
    [Test]
    public void APolicyOfOnesOwnLearnsWhatARewardOfOnesOwnAsksFor()
    {
        var segmenter = new ThresholdSegmenter();
        using var start = new DrSegModel(new TablePolicy(), segmenter, Head());
        IDataView rows = _context.Data.LoadFromEnumerable(InTheCorner(8));
        var rewards = new List<double>();
        var trainer = _context.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = start,
            Training = new()
            {
                Steps = 40,
                Sampling = new() { QueriesPerStep = 4, GroupSize = 8 },
                Objective = new() { DivergenceWeight = 0 },
                Optimizer = new() { LearningRate = 0.3 },
            },
            Reward = new RewardFunction(metrics => (float)metrics.MaskIoU),
            Progress = new Told<GrpoStepMetrics>(metrics => rewards.Add(metrics.Reward)),
        });
        using GrpoSegmentationTransformer trained = trainer.Fit(rows);
        Assert.Multiple(() =>
        {
            Assert.That(rewards[^5..].Average(), Is.GreaterThan(rewards[..5].Average() + 0.1));
            Assert.That(segmenter.Asked, Is.EqualTo(40 * 4 * 8), "once an answer");
            Assert.That(trained.Model.Policy, Is.SameAs(start.Policy), "trained itself, not a copy");
            // The best box that the table can spell is the image's: the bright pixels in it are the object.
            Assert.That(trained.Transform(rows).GetColumn<SegmentationMask>("PredictedMask").Select(mask => mask.IntersectionOverUnion(InTheCorner(1)[0].Mask!)), Has.All.GreaterThan(0.9));
        });
    }

    [Test]
    public void LookToConfirmChecksMasksOfAnySegmenter()
    {
        using var model = new DrSegModel(new TablePolicy(), new ThresholdSegmenter(), Head());
        IDataView rows = _context.Data.LoadFromEnumerable(QueryRow.Many(4));
        LookToConfirmTransformer looking = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = model, Threshold = 2, FirstLookAnswers = 6 }).Fit(rows);
        IDataView found = looking.Transform(rows);
        Assert.That(found.GetColumn<bool>("SecondLook"), Has.All.True);
        float[] confidences = [.. found.GetColumn<float>("Confidence")];
        Assert.That(confidences, Has.All.InRange(0f, 1f));
        Assert.That(confidences, Is.Unique);
        // Whatever was chosen, the segmenter drew it: nothing but bright pixels.
        foreach ((SegmentationMask mask, SegmentationExample example) in found.GetColumn<SegmentationMask>("PredictedMask").Zip(TinyModel.Examples(4)))
            Assert.That(mask.Except(ThresholdSegmenter.Bright(example.Image, new(0, 0, TinyModel.Side, TinyModel.Side))).Area, Is.Zero);
    }

    [Test]
    public void TheScorerRanksMasksOfAnySegmenter()
    {
        SegmentationExample example = TinyModel.Example(3);
        BoundingBox whole = example.Mask.Box;
        SegmentationMask[] candidates = [.. new[] { 1f, 0.8f, 0.5f }.Select(share => ThresholdSegmenter.Bright(example.Image, whole.Enlarge(share)))];
        IDataView rows = _context.Data.LoadFromEnumerable(new[] { new Candidates { List = new(candidates), Mask = example.Mask } });
        var scored = _context.DrSeg().DistributionRankedReward("List").Fit(rows).Transform(rows);
        Assert.That(scored.GetColumn<float[]>("Rank").Single(), Is.EqualTo(new[] { 1f, 2, 3 }));
        Assert.That(scored.GetColumn<float[]>("MaskIoU").Single()[0], Is.EqualTo(1f));
    }

    private sealed class Candidates
    {
        [SegmentationMaskListType]
        public SegmentationMaskList? List { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    [Test]
    public void PartsOfOnesOwnAreNotCopiedNotWrittenAndTheirModels()
    {
        using var folder = new TemporaryFolder();
        var segmenter = new ThresholdSegmenter();
        var policy = new TablePolicy();
        var model = new DrSegModel(policy, segmenter, Head());
        Assert.That(() => model.Save(folder.File("own.drseg")), Throws.TypeOf<NotSupportedException>().With.Message.Contains("parts of one's own").Or.Message.Contains("TablePolicy"));
        Assert.That(folder.Files, Is.Empty);
        Assert.That(() => model.Clone(), Throws.TypeOf<NotSupportedException>().With.Message.Contains("parts of one's own"));
        _context.DrSeg().Trainers.GrpoSegmentation(baseModel: model, steps: 1).Fit(_context.Data.LoadFromEnumerable(InTheCorner(2))).Dispose();
        Assert.That((segmenter.IsDisposed, policy.IsDisposed), Is.EqualTo((false, false)));
        model.Dispose();
        Assert.That((segmenter.IsDisposed, policy.IsDisposed), Is.EqualTo((true, true)));
    }
}
