using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Training;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>Policies and segmenters that give something else than they were asked for: the error says what, where it happens.</summary>
public class PartChecksTests
{
    private static readonly MLContext Context = new(1);

    private static readonly SegmentationMask Empty = SegmentationMask.Empty(TinyModel.Side, TinyModel.Side);

    /// <summary>Gives the same masks whatever it is asked.</summary>
    private sealed class SegmenterOf(SegmentationMask[] masks) : IPromptableSegmenter
    {
        public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => masks;

        public void Dispose()
        {
        }
    }

    /// <summary>The table, but for what is given.</summary>
    private sealed class PolicyBut(
        Func<GeneratedAnswer[][], GeneratedAnswer[][]?>? answers = null, Func<ScoredTokens, ScoredTokens?>? scores = null) : IVisionLanguagePolicy
    {
        private readonly TablePolicy _table = new();

        public int LongestAnswer => _table.LongestAnswer;

        public IEnumerable<Parameter> Parameters() => _table.Parameters();

        public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts) => _table.Prepare(prompts);

        public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
        {
            GeneratedAnswer[][] right = _table.Generate(prompts, answersPerPrompt, sampling);
            return answers is null ? right : answers(right)!;
        }

        public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
        {
            ScoredTokens right = _table.Score(prompts, tokens, mask, options);
            return scores is null ? right : scores(right)!;
        }

        public void FreezeReference() => _table.FreezeReference();

        public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => _table.ReferenceTensors();

        public void Dispose() => _table.Dispose();
    }

    private sealed class BoxRow
    {
        [ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        [VectorType(4)]
        public float[] PredictedBox { get; set; } = [1, 1, 9, 9];
    }

    // A view is square: of a picture that is not, some of it shows nothing, and answers may lie there.
    [TestCase(400, 60)]
    [TestCase(64, 48)]
    [TestCase(2000, 4)]
    public void AnswersLieInTheirImage(int width, int height)
    {
        SegmentedObject[] answered =
        [
            new(new(-50, -200, 10, -100), new(-3, height + 9)), new(new(10, height + 5, 20, height + 50), new(width + 1, 1)),
            new(new(width - 5, height - 2, width + 50, height + 50), new(width, height)), new(new(1, 1, 3, 2), new(2, 1.5f)),
        ];
        using var policy = new PolicyBut(right => [.. right.Select(own => Array.ConvertAll(own, answer => answer with { Parsed = new TextAnswer(answered, "", []) }))]);
        using var segmenter = new SegmenterOf([.. answered.Select(_ => SegmentationMask.Empty(width, height))]);
        using var look = Look.Take(policy, segmenter, [new PolicyPrompt(ImageView.Whole(new(width, height)), "red", 0)], 1, AnswerSampling.Greedy);
        Assert.That(look.Answers[0][0].Objects!.Select(one => (one.Box, one.Point)), Is.EqualTo(new (BoundingBox, PixelPoint)[]
        {
            (new(0, 0, 10, 1), new(0, height - 1)), (new(10, height - 1, 20, height), new(width - 1, 1)),
            (new(width - 5, height - 2, width, height), new(width - 1, height - 1)), (new(1, 1, 3, 2), new(2, 1.5f)),
        }));
    }

    private DrSegModel _tiny = null!;

    [OneTimeSetUp]
    public void MakeTheModel() => _tiny = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _tiny.Dispose();

    // One step over one query with two answers: two prompts for the segmenter.
    private void Train(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, float divergenceWeight = 0)
    {
        using var model = new DrSegModel(policy, segmenter, _tiny.Clone().Confirmation);
        Context.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = model,
            Training = new()
            {
                Steps = 1,
                Sampling = new() { QueriesPerStep = 1, GroupSize = 2 },
                Objective = new() { DivergenceWeight = divergenceWeight },
            },
        }).Fit(Context.Data.LoadFromEnumerable(QueryRow.Many(2))).Dispose();
    }

    private static IEnumerable<TestCaseData> BadMasks()
    {
        static TestCaseData Case(string name, SegmentationMask[]? masks, string message) => new TestCaseData(masks, message).SetArgDisplayNames(name);
        yield return Case("no array", null, "0 masks for 2 prompts");
        yield return Case("one too few", [Empty], "1 masks for 2 prompts");
        yield return Case("one too many", [Empty, Empty, Empty], "3 masks for 2 prompts");
        yield return Case("null", [Empty, null!], "mask for prompt 1 of the batch is null");
        yield return Case("another size", [Empty, SegmentationMask.Empty(7, 5)], "mask for prompt 1 of the batch is 7 x 5 pixels, its image 32 x 32");
    }

    [TestCaseSource(nameof(BadMasks))]
    public void OtherMasksThanThePromptsAreErrors(SegmentationMask[]? masks, string message)
    {
        var segmenter = new SegmenterOf(masks!);
        Assert.That(() => Train(new TablePolicy(), segmenter), Throws.InvalidOperationException.With.Message.Contains(message));

        IDataView rows = Context.Data.LoadFromEnumerable(TinyModel.Examples(2).Select(example => new BoxRow { Image = example.Image.ToMLImage() }).ToArray());
        IDataView segmented = Context.DrSeg().Segment(segmenter, new PromptSegmentationEstimator.Options { BoxColumnName = "PredictedBox", PredictionBatchSize = 2 }).Fit(rows).Transform(rows);
        using DataViewRowCursor cursor = segmented.GetRowCursor(segmented.Schema);
        ValueGetter<SegmentationMask> getter = cursor.GetGetter<SegmentationMask>(segmented.Schema["PredictedMask"]);
        SegmentationMask mask = null!;
        for (int row = 0; row < 2; row++)
        {
            cursor.MoveNext();
            Assert.That(() => getter(ref mask), Throws.InvalidOperationException.With.Message.Contains(message), "the rows were answered together");
            Assert.That(() => getter(ref mask), Throws.InvalidOperationException.With.Message.Contains(message), "as often as it is asked for");
        }
    }

    private static IEnumerable<TestCaseData> BadAnswers()
    {
        static TestCaseData Case(string name, Func<GeneratedAnswer[][], GeneratedAnswer[][]?> answers, string message) => new TestCaseData(answers, message).SetArgDisplayNames(name);
        yield return Case("no array", answers => null, "answered 0 of 1 prompts");
        yield return Case("a prompt too many", answers => [answers[0], answers[0]], "answered 2 of 1 prompts");
        yield return Case("none to a prompt", answers => [null!], "gave 0 answers to prompt 0 of the batch, not 2");
        yield return Case("one too few", answers => [answers[0][..1]], "gave 1 answers to prompt 0 of the batch, not 2");
        yield return Case("null", answers => [[answers[0][0], null!]], "answer 1 to prompt 0 of the batch is null");
        yield return Case("nothing said", answers => [[answers[0][0], answers[0][1] with { Parsed = null! }]], "answer 1 to prompt 0 of the batch says nothing: its Parsed is null");
        yield return Case("no token", answers => [[answers[0][0], answers[0][1] with { Tokens = [], LogProbabilities = [] }]], "answer 1 to prompt 0 of the batch has 0 tokens; its LongestAnswer allows 1 to 15.");
        yield return Case("too long", answers => [[answers[0][0] with { Tokens = new int[16], LogProbabilities = new float[16] }, answers[0][1]]], "answer 0 to prompt 0 of the batch has 16 tokens; its LongestAnswer allows 1 to 15.");
        yield return Case("a log-probability too few", answers => [[answers[0][0], answers[0][1] with { LogProbabilities = answers[0][1].LogProbabilities[1..] }]], "answer 1 to prompt 0 of the batch has 12 tokens and 11 log-probabilities");
    }

    [TestCaseSource(nameof(BadAnswers))]
    public void OtherAnswersThanThePromptsAreErrors(Func<GeneratedAnswer[][], GeneratedAnswer[][]?> answers, string message) =>
        Assert.That(() => Train(new PolicyBut(answers: answers), new ThresholdSegmenter()), Throws.InvalidOperationException.With.Message.Contains(message));

    private static IEnumerable<TestCaseData> BadScores()
    {
        static TestCaseData Case(string name, Func<ScoredTokens, ScoredTokens?> scores, string message) => new TestCaseData(scores, message).SetArgDisplayNames(name);
        yield return Case("nothing", right => null, "PolicyBut.Score gave null");
        yield return Case("another shape", right => new(right.LogProbabilities.sum(-1), right.Entropy), "The log-probabilities of PolicyBut.Score are [1, 2] of Float32, not [1, 2, 12] of Float32");
        yield return Case("another precision", right => new(right.LogProbabilities.to(ScalarType.Float64), right.Entropy), "The log-probabilities of PolicyBut.Score are [1, 2, 12] of Float64, not [1, 2, 12] of Float32");
        yield return Case("no gradient", right => new(right.LogProbabilities.detach(), right.Entropy), "The log-probabilities of PolicyBut.Score require no gradient");
        yield return Case("no entropy", right => new(right.LogProbabilities), "PolicyBut.Score gave no entropy, though ScoreOptions.Entropy is Figure");
        yield return Case("entropy of another shape", right => new(right.LogProbabilities, right.Entropy!.unsqueeze(-1)), "The entropies of PolicyBut.Score are [1, 2, 12, 1]");
        yield return Case("no number", right => new(Spoilt(right.LogProbabilities), right.Entropy), "Among the log-probabilities of PolicyBut.Score at step 1 (examples 0) is NaN, for token 3 of answer 1 to example 0.");
        yield return Case("no number for the entropy", right => new(right.LogProbabilities, Spoilt(right.Entropy!)), "Among the entropies of PolicyBut.Score at step 1 (examples 0) is NaN, for token 3 of answer 1 to example 0.");
    }

    private static Tensor Spoilt(Tensor values)
    {
        Tensor spoilt = values.clone();
        spoilt[0, 1, 3] = float.NaN;
        return spoilt;
    }

    [TestCaseSource(nameof(BadScores))]
    public void OtherScoresThanTrainingNeedsAreErrors(Func<ScoredTokens, ScoredTokens?> scores, string message) =>
        Assert.That(() => Train(new PolicyBut(scores: scores), new ThresholdSegmenter()), Throws.InstanceOf<InvalidOperationException>().With.Message.Contains(message));

    [Test]
    public void ScoresOfTheReferenceAreCheckedToo() =>
        Assert.That(
            () => Train(new PolicyBut(scores: right => right.LogProbabilities.requires_grad ? right : new(Spoilt(right.LogProbabilities))), new ThresholdSegmenter(), divergenceWeight: 0.1f),
            Throws.TypeOf<TrainingDivergedException>().With.Message.Contains("log-probabilities of PolicyBut.Score is NaN, for token 3 of answer 1 to example 0."));
}
