using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>A model of foreign parts, trained in a chain, is saved in both ways and answers as before, to the bit.</summary>
public class TextModelSavingTests
{
    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!, _images = null!;
    private TransformerChain<LookToConfirmTransformer> _steps = null!;
    private string[] _answers = null!;

    [OneTimeSetUp]
    public void TrainAndSave()
    {
        ModelFormat.Register(TextModelFormat.Instance);
        (_folder, _images) = (new(), new());
        foreach (SegmentationExample example in TextModelRow.Examples(0, 9))
            example.Image.Save(_images.File($"{example.Id}-{example.Query}.png"));
        IDataView files = FreshProcess.Rows(_context, _images.Path);
        using DrSegModel start = TextModel.Changed();
        _steps = _context.DrSeg().Trainers.GrpoSegmentation(TextModelRow.Options(start, steps: 2))
            .Append(_context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { FirstLookAnswers = 4, Seed = 11, Threshold = 0.9f }))
            .Fit(_context.Data.LoadFromEnumerable(TextModelRow.Many(12)));
        ITransformer pipeline = _context.Transforms.LoadImages("Image", _images.Path, "ImagePath").Fit(files).Append(_steps);
        _answers = FreshProcess.Answers(_context, pipeline, _images.Path);
        pipeline.SaveDrSeg(_folder.File("pipeline.drseg"));
        _context.Model.Save(pipeline, files.Schema, _folder.File("pipeline.zip"));
    }

    [OneTimeTearDown]
    public void RemoveAll()
    {
        _steps.Dispose();
        _folder.Dispose();
        _images.Dispose();
    }

    [Test]
    public void TheAnswersAreWorthComparing() => Assert.Multiple(() =>
    {
        Assert.That(_answers, Has.Length.EqualTo(9));
        Assert.That(_answers.Distinct().Count(), Is.AtLeast(7));
        Assert.That(_answers, Has.Some.Contains("True").And.Some.Contains("False"), "second looks");
        Assert.That(_answers, Has.Some.Match("bbox_2d.*,.\"bbox_2d").And.Some.Contains("<answer>[]</answer>"), "several objects, and none");
    });

    [Test]
    public void ThisProcessAndAFreshOneAnswerTheSame([Values("pipeline.drseg", "pipeline.zip")] string file)
    {
        Assert.That(FreshProcess.Answers(new MLContext(), _folder.File(file), _images.Path), Is.EqualTo(_answers));
        Assert.That(FreshProcess.Run(_folder.File(file), _images.Path, FreshProcess.OwnModels), Is.EqualTo(_answers));
    }

    [Test]
    public void AProcessThatDoesNotKnowTheKindIsToldWhatToDo([Values("pipeline.drseg", "pipeline.zip")] string file)
    {
        (int code, _, string errors) = DotnetProcess.Run(typeof(FreshProcess).Assembly.Location, _folder.File(file), _images.Path);
        Assert.That(code, Is.EqualTo(FreshProcess.Failed));
        Assert.That(errors, Does.Contain("Models of the kind 'Pieces' are not known here.").And.Contain("call ModelFormat.Register first").And.Not.Contain("Fetch it again"));
    }

    [Test]
    public void LookToConfirmStandsAlone()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(TextModelRow.Many(9));
        LookToConfirmTransformer alone = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _steps.LastTransformer.Model, FirstLookAnswers = 4, Seed = 11, Threshold = 0.9f }).Fit(rows);
        Assert.That(alone.Transform(rows).GetColumn<float>("Confidence"), Is.EqualTo(_steps.Transform(rows).GetColumn<float>("Confidence")));
        alone.SaveDrSeg(_folder.File("looking.drseg"));
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(_folder.File("looking.drseg"));
        Assert.That(loaded.Transform(rows).GetColumn<float>("Confidence"), Is.EqualTo(alone.Transform(rows).GetColumn<float>("Confidence")));
        // Without a threshold one is learned from the rows.
        Assert.That(_context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _steps.LastTransformer.Model }).Fit(rows).Threshold, Is.InRange(0f, 1f));
    }

    [Test]
    public void AModelIsSavedLoadedAndCopied()
    {
        using DrSegModel model = TextModel.Changed();
        model.Threshold = 0.25f;
        model.Save(_folder.File("model.drseg"));
        using DrSegModel loaded = DrSegModel.Load(_folder.File("model.drseg")), copy = model.Clone();
        foreach (DrSegModel other in new[] { loaded, copy })
        {
            Assert.That(TextModel.Weights(other), Is.EqualTo(TextModel.Weights(model)));
            Assert.That(other.Threshold, Is.EqualTo(0.25f));
            float[] before = TextModel.Weights(model);
            TextModel.Change(other);
            Assert.That(TextModel.Weights(model), Is.EqualTo(before));
        }
    }

    [Test]
    public void KindsOfOneFormAreToldApartByTheirNames()
    {
        var second = new TextModelFormat("Syllables");
        using DrSegModel model = TextModel.Fresh(format: second);
        model.Save(_folder.File("second.drseg"));
        Assert.That(() => DrSegModel.Load(_folder.File("second.drseg")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("kind 'Syllables'").And.Message.Contains("Register").And.Not.Message.Contains("Fetch it again"));
        ModelFormat.Register(second);
        using var loaded = DrSegModel.Load(_folder.File("second.drseg"));
        Assert.That(TextModel.Weights(loaded), Is.EqualTo(TextModel.Weights(model)));
        // What was loaded is saved as what it is.
        loaded.Save(_folder.File("again.drseg"));
        Assert.That(File.ReadAllBytes(_folder.File("again.drseg")), Is.EqualTo(File.ReadAllBytes(_folder.File("second.drseg"))));
    }
}
