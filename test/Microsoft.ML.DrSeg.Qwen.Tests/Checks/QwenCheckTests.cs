using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>What is found out about rows and a tiny model before any weight is loaded.</summary>
public class QwenCheckTests
{
    private const int Rows = 9;

    private TinyQwenFolder _model = null!;
    private TemporaryFolder _images = null!;

    [OneTimeSetUp]
    public void WriteModelAndImages()
    {
        (_model, _images) = (new TinyQwenFolder(), new TemporaryFolder());
        for (int i = 0; i < Rows; i++) TinyScenes.Of(i).Image.Save(ImageOf(i));
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _model.Dispose();
        _images.Dispose();
    }

    private string ImageOf(int row) => _images.File($"{row}.png");

    private AnnotatedQuery Row(int row, SegmentationMask? mask = null, string? image = null)
    {
        SegmentationExample example = TinyScenes.Of(row);
        SegmentationMask shown = mask ?? example.Mask;
        return new($"{row}", image ?? ImageOf(row), example.Query, new Category("1", example.Query), shown, [new AnnotatedObject("1", shown, shown.Box, shown.Area, ObjectTraits.None)], QueryTraits.None);
    }

    private IEnumerable<AnnotatedQuery> Good => Enumerable.Range(0, Rows).Select(row => Row(row));

    private QwenCheck Check(IEnumerable<AnnotatedQuery> rows, QwenModelOptions? options = null, GrpoOptions? training = null) =>
        new QwenChecks(_model.Model, _model.Segmenter, options ?? TinyQwenFolder.Options, training ?? new()).Of(rows, 1000, default);

    [Test]
    public void LengthsAreThoseOfThePromptsThatTheModelIsGiven()
    {
        QwenCheck check = Check(Good);
        // 112 x 112 pixels in tokens of 28 x 28; around them the chat's turns, and the query, which is its letters.
        int[] letters = [.. Good.Select(row => row.Query.Length)];
        Assert.That(check.ImageTokens, Is.EqualTo(new TokenCounts(16, 16)));
        Assert.That(check.PromptTokens.Longest - check.PromptTokens.Mean, Is.EqualTo(letters.Max() - letters.Average()).Within(1e-9));
        var folder = QwenFolder.Open(new(_model.Model));
        using var policy = new QwenPolicy(folder, ScalarType.Float32, LoraAdapter.Fresh(folder.Shape.Text, new(2, 2), 1, CPU), QwenModel.Settings(folder, TinyQwenFolder.Options), CPU);
        using PromptBatch prepared = policy.Prepare([.. Enumerable.Range(0, Rows).Select(row => new PolicyPrompt(ImageView.Whole(TinyScenes.Of(row).Image), TinyScenes.Of(row).Query, row))]);
        Assert.That(((QwenPromptBatch)prepared).Rendered.Max(prompt => prompt.Text.Length), Is.EqualTo(check.PromptTokens.Longest));
    }

    [Test]
    public void TheTruthComesBackWholeWhereNothingIsRounded()
    {
        QwenCheck check = Check(Good);
        Assert.Multiple(() =>
        {
            Assert.That((check.Rows, check.Objects, check.FailedRows), Is.EqualTo((Rows, Rows, 0)));
            Assert.That((check.MeanBoxIoU, check.LeastBoxIoU, check.PointsOnObjects), Is.EqualTo((1.0, 1.0, 1.0)));
            Assert.That(check.Problems, Is.Empty);
            Assert.That(check.FrameSuspicion, Is.Null);
        });
    }

    [Test]
    public void WhatIsRoundedComesBackAsWellAsItCan()
    {
        // 112 pixels in 56 coordinates.
        QwenCheck check = Check(Good.Select((row, i) => Row(i, SegmentationMask.FromBox(new(11, 11, 46, 32), TinyQwenFolder.ImageSide, TinyQwenFolder.ImageSide))),
            TinyQwenFolder.Options with { Recipe = TinyQwenFolder.Recipe with { Sizing = new FixedSizing(new(56, 56)) } });
        // (5.5, 5.5, 23, 16) is rounded up at halves.
        Assert.That(check.LeastBoxIoU, Is.EqualTo(34 * 20 / (35.0 * 21)).Within(1e-6));
        Assert.That(check.FailedRows, Is.Zero);
    }

    [Test]
    public void WhatIsTrainedIsCounted()
    {
        using DrSegModel model = _model.Load();
        Assert.That(Check(Good).Trained, Has.Count.EqualTo(1));
        IReadOnlyList<TrainedPart> trained = Check(Good, training: new() { Optimizer = new() { ConfirmationLearningRate = 1e-3 } }).Trained;
        Assert.That(trained.Select(part => part.Parameters), Is.EqualTo(new[] { model.Policy.Parameters().Sum(one => one.numel()), model.Confirmation.Parameters().Sum(one => one.numel()) }));
        Assert.That(trained[0].Modules, Has.Count.EqualTo(7).And.Contains("self_attn.q_proj"));
        using var folder = new TemporaryFolder();
        model.SaveAdapter(folder.Path);
        Assert.That(Check(Good, TinyQwenFolder.Options with { Adapter = folder.Path, LoraRank = 1 }).Trained[0].Parameters, Is.EqualTo(trained[0].Parameters), "the folder's, not the option's");
    }

    [Test]
    public void PicturesShowTheBoxesWhereTheTextPutsThem()
    {
        ShownRow seen = Check(Good).Pictures[0];
        BoundingBox box = TinyScenes.Of(0).Mask.Box;
        RgbColor At(float x, float y)
        {
            ReadOnlySpan<byte> pixel = seen.Image.Pixels.AsSpan(3 * ((int)y * seen.Image.Width + (int)x), 3);
            return new(pixel[0], pixel[1], pixel[2]);
        }
        Assert.That((seen.Image.Width, seen.Image.Height, seen.Query), Is.EqualTo((TinyQwenFolder.ImageSide, TinyQwenFolder.ImageSide, TinyScenes.Of(0).Query)));
        Assert.That(At(box.X0, box.Y0), Is.EqualTo(RgbColor.Yellow));
        Assert.That(At(box.X1 - 1, box.Y1 - 1), Is.EqualTo(RgbColor.Yellow));
    }

    [Test]
    public void BoxesInSharesOfTheImageAreSuspected()
    {
        AnnotatedQuery Share(int row) => Row(row) with { Objects = [new AnnotatedObject("1", null, new(0.1f, 0.2f, 0.7f, 0.9f), 0.4, ObjectTraits.None)] };
        Assert.That(Check(Enumerable.Range(0, Rows).Select(Share)).FrameSuspicion, Does.Contain("9 rows").And.Contains("shares"));
        Assert.That(Check(Enumerable.Range(0, Rows - 1).Select(Share).Append(Row(Rows - 1))).FrameSuspicion, Is.Null);
    }

    [Test]
    public void ARowInAnotherFrameIsNamed() => Refused(Row(1, SegmentationMask.FromBox(new(2, 2, 9, 9), 56, 56)), "112 x 112", "56 x 56");

    [Test]
    public void ABoxOutsideTheImageIsNamed() =>
        Refused(Row(1) with { Objects = [new AnnotatedObject("1", null, new(20, 20, 160, 90), 1, ObjectTraits.None)] }, "[20, 20, 160, 90]");

    [Test]
    public void AMissingImageIsNamed() => Refused(Row(1, image: _images.File("gone.png")), "gone.png", "no image file");

    [Test]
    public void ABlankQueryIsNamed() => Refused(Row(1) with { Query = " " }, "blank");

    [Test]
    public void APromptThatIsTooLongIsNamed()
    {
        QwenCheck check = Check(Good, TinyQwenFolder.Options with { LongestPrompt = 20 });
        Assert.That(check.FailedRows, Is.EqualTo(Rows));
        Assert.That(check.Problems[0], Does.StartWith($"Row 0 ('{ImageOf(0)}'").And.Contains("LongestPrompt").And.Contains("20"));
    }

    [Test]
    public void ATruthThatNoAnswerCanHoldIsNamed() =>
        Assert.That(Check(Good, TinyQwenFolder.Options with { LongestAnswer = 5 }).Problems, Has.All.Contains("LongestAnswer allows 5"));

    [Test]
    public void FilesThatAreMissingAreNamed()
    {
        using var empty = new TemporaryFolder();
        Assert.That(() => new QwenChecks(empty.Path, _model.Segmenter, new(), new()), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(empty.Path));
        Assert.That(() => new QwenChecks(_model.Model, empty.Path, new(), new()).Of(Good, 1, default), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(empty.Path));
        Assert.That(() => Check([]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no rows"));
    }

    private void Refused(AnnotatedQuery row, params string[] mentioned)
    {
        QwenCheck check = Check([Row(0), row]);
        Assert.That(check.FailedRows, Is.EqualTo(1));
        foreach (string part in mentioned) Assert.That(check.Problems.Single(), Does.StartWith($"Row 1 ('{row.ImagePath}'").And.Contains(part));
    }
}
