using System.IO.Compression;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Files that are damaged, or made to do harm, are refused by both ways of loading.</summary>
public class DamagedFileTests
{
    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!;
    private string _own = null!, _official = null!;

    [SetUp]
    public void Save()
    {
        _folder = new();
        (_own, _official) = (_folder.File("steps.drseg"), _folder.File("steps.zip"));
        using var trained = new GrpoSegmentationTransformer(TinyModel.Fresh(), new() { AnswerColumnName = "Said" });
        IDataView rows = _context.Data.LoadFromEnumerable(QueryRow.Many(1));
        var looking = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = trained.Model, Threshold = 0.5f }).Fit(rows);
        trained.Append(looking).SaveDrSeg(_own);
        _context.Model.Save(trained.Append(looking), rows.Schema, _official);
    }

    [TearDown]
    public void RemoveTheFolder() => _folder.Dispose();

    [TestCase("\"Version\": 1", "\"Version\": 2", "reads version 1")]
    [TestCase("\"Kind\": \"GrpoSegmentation\"", "\"Kind\": \"System.Diagnostics.Process, System\"", "System.Diagnostics.Process")]
    [TestCase("\"Image\": \"Image\"", "\"Image\": null", "Image")]
    [TestCase("\"Image\": \"Image\"", "\"Image\": \"\"", "must name a column")]
    [TestCase("\"PredictedBox\": \"PredictedBox\"", "\"PredictedBox\": \"PredictedMask\"", "'PredictedMask'")]
    [TestCase("\"PredictedBox\": \"PredictedBox\"", "\"PredictedBix\": \"PredictedBox\"", "PredictedBix")]
    [TestCase("\"FirstLookAnswers\": 8", "\"FirstLookAnswers\": 0", "FirstLookAnswers")]
    [TestCase("\"FirstLookAnswers\": 8", "\"FirstLookAnswers\": 2000000000", "FirstLookAnswers must be 1 to 4,096")]
    [TestCase("\"CloserViews\": 4", "\"CloserViews\": 500000000", "CloserViews must be 1 to 4,096")]
    [TestCase("\"AnswersPerCloserView\": 2", "\"AnswersPerCloserView\": 4096", "AnswersPerCloserView must be at most 1024")]
    [TestCase("\"Temperature\": 1", "\"Temperature\": \"Infinity\"", "Temperature must be above 0 and finite")]
    [TestCase("\"Threshold\": 0.5", "\"Threshold\": \"low\"", "Threshold")]
    [TestCase("\"Threshold\": 0.5\n", "\"Threshold\": \"NaN\"\n", "Threshold must be a number")]
    [TestCase("{", "", "Cannot load")]
    [TestCase("{", "[", "Cannot load")]
    public void AListOfStepsThatDoesNotHoldIsRefused(string written, string instead, string said)
    {
        Rewrite("pipeline.json", text =>
        {
            int at = text.IndexOf(written, StringComparison.Ordinal);
            Assert.That(at, Is.Not.Negative, text);
            return text.Remove(at, written.Length).Insert(at, instead);
        });
        Assert.That(() => _context.DrSeg().LoadModel(_own), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("steps.drseg"));
    }

    [Test]
    public void AListWithoutStepsIsRefused()
    {
        Rewrite("pipeline.json", _ => """{"Version":1,"Steps":[]}""");
        Assert.That(() => _context.DrSeg().LoadModel(_own), Throws.TypeOf<InvalidDataException>().With.Message.Contains("lists no steps"));
        Rewrite("pipeline.json", _ => """{"Version":1,"Steps":[null]}""");
        Assert.That(() => _context.DrSeg().LoadModel(_own), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void StepsWithoutAModelAreRefused()
    {
        using (ZipArchive zip = ZipFile.Open(_own, ZipArchiveMode.Update))
        {
            zip.GetEntry("model.json")!.Delete();
            zip.GetEntry("weights.safetensors")!.Delete();
        }
        Assert.That(() => _context.DrSeg().LoadModel(_own), Throws.TypeOf<InvalidDataException>().With.Message.Contains("needs a model"));
    }

    [Test]
    public void AFileCutShortIsRefused([Values(0.0, 0.3, 0.9)] double share)
    {
        foreach (string path in new[] { _own, _official })
        {
            byte[] whole = File.ReadAllBytes(path);
            File.WriteAllBytes(path, whole[..(int)(share * whole.Length)]);
        }
        Assert.That(() => _context.DrSeg().LoadModel(_own), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => _context.Model.Load(_official, out _), Throws.TypeOf<FormatException>());
    }

    /// <summary>Where loading itself does not see it, the first row that is computed does.</summary>
    [Test]
    public void AChangedByteIsNoticed([Values(0.1, 0.5, 0.9)] double place)
    {
        byte[] bytes = File.ReadAllBytes(_official);
        bytes[(int)(place * bytes.Length)] ^= 0x10;
        File.WriteAllBytes(_official, bytes);
        void Read()
        {
            IDataView answered = _context.Model.Load(_official, out _).Transform(_context.Data.LoadFromEnumerable(QueryRow.Many(1)));
            _ = answered.GetColumn<string>("Said").ToArray();
            _ = Prediction.Of(_context, answered);
        }
        // A column that ML.NET reads in parallel wraps what it meets.
        Assert.That(Read, Throws.Exception.Matches<Exception>(error => error is FormatException || error.ToString().Contains("damaged", StringComparison.Ordinal)));
    }

    private void Rewrite(string entryName, Func<string, string> change)
    {
        using var zip = ZipFile.Open(_own, ZipArchiveMode.Update);
        ZipArchiveEntry entry = zip.GetEntry(entryName)!;
        string old;
        using (var reader = new StreamReader(entry.Open())) old = reader.ReadToEnd();
        entry.Delete();
        using Stream fresh = zip.CreateEntry(entryName).Open();
        fresh.Write(Encoding.UTF8.GetBytes(change(old)));
    }
}
