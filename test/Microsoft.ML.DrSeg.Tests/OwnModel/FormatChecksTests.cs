using System.Text.Json;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Formats that do not do as they say: each an error that names what is wrong, and not a word of damaged files.</summary>
public class FormatChecksTests
{
    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeAFolder() => _folder = new();

    [TearDown]
    public void RemoveTheFolder() => _folder.Dispose();

    /// <summary>The right format, but for what is given.</summary>
    private sealed class Bent : ModelFormat
    {
        public override string Name => nameof(Bent);

        public Func<JsonElement, JsonElement>? Described { get; init; }

        public Func<Dictionary<string, Tensor>, IReadOnlyDictionary<string, Tensor>?>? Weighed { get; init; }

        public Func<TextModelShape, Device, ModelFormat, DrSegModel?>? Created { get; init; }

        public Func<JsonElement, TextModelShape>? Understood { get; init; }

        public override JsonElement Describe(DrSegModel model)
        {
            JsonElement right = TextModelFormat.Instance.Describe(model);
            return Described is null ? right : Described(right);
        }

        public override IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model)
        {
            Dictionary<string, Tensor> right = ((TextPolicy)model.Policy).Weights();
            return Weighed is null ? right : Weighed(right)!;
        }

        public override DrSegModel Create(JsonElement description, Device device)
        {
            TextModelShape shape = Understood is null ? description.Deserialize<TextModelShape>()! : Understood(description);
            return Created is null ? TextModel.Create(shape, device, this) : Created(shape, device, this)!;
        }
    }

    private static IEnumerable<TestCaseData> Copying()
    {
        static TestCaseData Case(string name, Bent format, string message) => new TestCaseData(format, message).SetArgDisplayNames(name);
        yield return Case("nothing", new() { Created = (_, _, _) => null }, "Bent.Create gave null");
        yield return Case("no format", new() { Created = (shape, device, _) => TextModel.Create(shape, device, null!) }, "Bent.Create made a model without a format");
        yield return Case("another format", new() { Created = (shape, device, _) => TextModel.Create(shape, device, TextModelFormat.Instance) }, "Bent.Create made a model of the format 'Pieces'");
        yield return Case("other sizes", new() { Created = (shape, device, own) => TextModel.Create(shape with { Rank = 3 }, device, own) }, "Bent.Create makes a model whose tensor 'adapter.down' is [16, 3]; in the model described it is [16, 4].");
        yield return Case("other names", new() { Weighed = right => right.ToDictionary(entry => entry.Value.requires_grad && entry.Value.count_nonzero().item<long>() == 0 ? entry.Key + "Zero" : entry.Key, entry => entry.Value) }, "tensor 'adapter.upZero' is [4, 4]; in the model described it is missing");
        yield return Case("another precision", new() { Weighed = right => right.ToDictionary(entry => entry.Key, entry => entry.Value.to(ScalarType.BFloat16)) }, "Bent.Weights gives the tensor 'base.words' as BFloat16; a file holds Float32.");
        yield return Case("no weights", new() { Weighed = _ => null }, "Bent.Weights gave null");
    }

    [TestCaseSource(nameof(Copying))]
    public void WhatIsCopiedForTrainingIsChecked(ModelFormat format, string message)
    {
        using DrSegModel model = TextModel.Changed(format);
        IDataView rows = _context.Data.LoadFromEnumerable(TextModelRow.Many(2));
        Assert.That(() => _context.DrSeg().Trainers.GrpoSegmentation(TextModelRow.Options(model, steps: 1)).Fit(rows), Throws.InvalidOperationException.With.Message.Contains(message));
    }

    private static IEnumerable<TestCaseData> Loading()
    {
        static TestCaseData Case(string name, Bent format, Type error, string message) => new TestCaseData(format, error, message).SetArgDisplayNames(name);
        Type fault = typeof(InvalidOperationException), file = typeof(InvalidDataException);
        yield return Case("memory for the outline", new() { Created = (shape, _, own) => TextModel.Create(shape, CPU, own) }, fault, "Bent.Create makes the tensor 'base.words' on cpu where META is asked for");
        yield return Case("another model than the outline", new() { Created = (shape, device, own) => TextModel.Create(device.type == DeviceType.META ? shape : shape with { Rank = 5 }, device, own) }, fault, "Bent.Create makes a model whose tensor 'adapter.down' is [16, 5]; in its outline on META it is [16, 4].");
        yield return Case("another outline than the file", new() { Created = (shape, device, own) => TextModel.Create(shape with { Rank = 5 }, device, own) }, file, "The tensor 'adapter.down' is [16, 4]; expected [16, 5].");
        yield return Case("a number for a description", new() { Described = _ => JsonSerializer.SerializeToElement(7) }, file, "TextModelShape");
        yield return Case("impossible sizes", new() { Described = _ => JsonSerializer.SerializeToElement(new TextModelShape(-2, 4)) }, file, "Width");
        yield return Case("a member that is not there", new() { Understood = description => new(description.GetProperty("Breadth").GetInt32(), 4) }, file, "Bent.Create makes no model of the description {\"Width\":16,\"Rank\":4}: The given key");
        yield return Case("a member of another kind", new() { Described = _ => JsonSerializer.SerializeToElement(new { Width = "wide" }), Understood = description => new(description.GetProperty("Width").GetInt32(), 4) }, file, "Bent.Create makes no model of the description {\"Width\":\"wide\"}: ");
    }

    [TestCaseSource(nameof(Loading))]
    public void WhatIsLoadedIsChecked(ModelFormat format, Type error, string message)
    {
        ModelFormat.Register(format);
        using (DrSegModel model = TextModel.Changed(format)) model.Save(_folder.File("bent.drseg"));
        Assert.That(() => DrSegModel.Load(_folder.File("bent.drseg")), Throws.TypeOf(error).With.Message.Contains(message));
        Assert.That(() => _context.DrSeg().LoadModel(_folder.File("bent.drseg")), Throws.TypeOf(error).With.Message.Contains(message));
    }

    [Test]
    public void AFailedSaveLeavesNothing()
    {
        using DrSegModel model = TextModel.Fresh(format: new Bent { Weighed = right => right.ToDictionary(entry => entry.Key, entry => entry.Value.to(float64)) });
        Assert.That(() => model.Save(_folder.File("bent.drseg")), Throws.InvalidOperationException.With.Message.Contains("as Float64"));
        Assert.That(_folder.Files, Is.Empty);
    }

    [Test]
    public void ANameIsMadeOfLetters() =>
        Assert.That(() => ModelFormat.Register(new TextModelFormat("../Pieces")), Throws.ArgumentException.With.Message.Contains("'../Pieces'"));

    [Test]
    public void AModelWithoutAFormatIsStillOnesOwn()
    {
        using DrSegModel model = new(new TextPolicy(TextModel.Shape, CPU), new ThresholdSegmenter(), new ColourConfirmation());
        Assert.That(() => model.Save(_folder.File("none.drseg")), Throws.TypeOf<NotSupportedException>().With.Message.Contains("ModelFormat"));
    }
}
