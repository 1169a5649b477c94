using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

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
}
