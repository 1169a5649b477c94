using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>A run by itself, without rows of a view, a trainer or a log of ML.NET.</summary>
public class GrpoRunTests
{
    private static readonly GrpoOptions Options = new() { Steps = 3, Sampling = new() { QueriesPerStep = 4, GroupSize = 4 }, Validation = new() { EveryNSteps = 2 } };

    [Test]
    public void ItTrainsOnExamplesFromAnywhereAsTheTrainerDoesOnRows()
    {
        using DrSegModel model = TinyModel.Trained(), given = model.Clone();
        var (steps, validations) = (new List<int>(), new List<int>());
        var events = new GrpoRunEvents { Stepped = metrics => steps.Add(metrics.Step), Validated = metrics => validations.Add(metrics.Step) };
        var examples = new ListedExamples(TinyModel.Examples(6));
        using (var run = new GrpoRun(given, examples, examples, Options, reward: null, events, CancellationToken.None)) run.Train();
        Assert.That((steps, validations), Is.EqualTo((new List<int> { 1, 2, 3 }, new List<int> { 2, 3 })));

        IDataView rows = new MLContext(1).Data.LoadFromEnumerable(QueryRow.Many(6));
        float[] expected = RunTestBench.Fit(new() { BaseModel = model, Training = Options, ValidationData = rows }, rows);
        Assert.That(TinyModel.PolicyWeights(given), Is.EqualTo(expected).And.Not.EqualTo(TinyModel.PolicyWeights(model)));
    }

    /// <summary>How to validate is passed over where there is nothing to validate on.</summary>
    [Test]
    public void WithoutHeldOutExamplesNothingIsValidated()
    {
        using DrSegModel model = TinyModel.Trained();
        var events = new GrpoRunEvents { Validated = _ => Assert.Fail("there is nothing to validate on") };
        using var run = new GrpoRun(model, new ListedExamples(TinyModel.Examples(4)), heldOut: null, Options with { Steps = 2 }, reward: null, events, CancellationToken.None);
        Assert.That(run.Train, Throws.Nothing);
    }

    /// <summary>Who draws with a penalty that scoring does not know trains on another distribution than it draws from.</summary>
    [TestCase(0, 0)]
    [TestCase(0.5, 1)]
    public void APolicyThatScoresOtherwiseThanItDrawsIsWarnedOfOnce(double penalty, int warnings)
    {
        using DrSegModel taught = TinyModel.Trained();
        using var model = new DrSegModel(new PenalisedPolicy(penalty), taught.Segmenter, taught.Confirmation);
        var told = new List<string>();
        var gaps = new List<double>();
        var events = new GrpoRunEvents { Warned = told.Add, Stepped = metrics => gaps.Add(metrics.RatioGap) };
        using (var run = new GrpoRun(model, new ListedExamples(TinyModel.Examples(4)), heldOut: null, Options, reward: null, events, CancellationToken.None)) run.Train();
        Assert.That(told, Has.Count.EqualTo(warnings));
        Assert.That(told, Has.All.Contains("At step 1").And.All.Contains("64").And.All.Contains("draws from another distribution"));
        Assert.That(gaps, Has.All.EqualTo(Math.Exp(penalty) - 1).Within(1e-4));
    }

    private sealed class PenalisedPolicy(double penalty) : IVisionLanguagePolicy
    {
        private readonly TablePolicy _table = new();

        public int LongestAnswer => _table.LongestAnswer;

        public IEnumerable<Parameter> Parameters() => _table.Parameters();

        public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts) => _table.Prepare(prompts);

        public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling) =>
            [.. _table.Generate(prompts, answersPerPrompt, sampling).Select(own => own.Select(answer =>
                answer with { LogProbabilities = [.. answer.LogProbabilities.Select(value => (float)(value - penalty))] }).ToArray())];

        public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options) => _table.Score(prompts, tokens, mask, options);

        public void FreezeReference() => _table.FreezeReference();

        public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => _table.ReferenceTensors();

        public void Dispose() => _table.Dispose();
    }
}
