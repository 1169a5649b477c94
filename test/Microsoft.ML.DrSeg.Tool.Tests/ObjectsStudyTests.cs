using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Studies;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class ObjectsStudyTests
{
    private static readonly string[] Models = [ObjectsReport.Shipped, ObjectsReport.Taught, "GRPO", "Dr. Seg"];

    [Test]
    public void ItTeachesTrainsAndMeasures()
    {
        DebianPictures.RootOrSkip();
        using var folder = new TemporaryFolder();
        string[] tiny = ["objects", "--steps", "1", "--scenes", "4"];
        string said = CommandLine.Succeed([.. tiny, "--warm-up-steps", "1", "--confirmation-steps", "1", "--threshold-examples", "4", "--out", folder.File("first")]);
        string table = File.ReadAllText(Path.Combine(folder.File("first"), ObjectsReport.TableFile));
        JsonArray rows = Rows("first");
        Assert.Multiple(() =>
        {
            Assert.That(said, Does.Contain(table));
            Assert.That(File.ReadAllText(Path.Combine(folder.File("first"), ObjectsCommand.CurveFile)), Does.Match(@"(?m)^policy,1,loss,[\d.]+\r?$"));
            Assert.That(rows.Select(row => (string?)row!["training"]).Distinct(), Is.EqualTo(Models));
            Assert.That(rows, Has.Count.EqualTo(Models.Length * 2 * 2), "two rules of choosing, two kinds of scenes");
            foreach (JsonNode? row in rows.Where(row => (string?)row!["scenes"] == ObjectsReport.Usual))
                Assert.That((double?)row!["absentAccuracy"], Is.Null);
            foreach (JsonNode? row in rows) Assert.That(table, Does.Contain($"| {(string?)row!["training"]} | {(string?)row["inference"]} |"));
            foreach (JsonNode? row in rows.Where(row => (string?)row!["training"] == ObjectsReport.Shipped))
                Assert.That(((double?)row!["absentAccuracy"] ?? 0, (double)row["presentAccuracy"]!), Is.EqualTo((0.0, 1.0)), "it says one object, whatever is there");
        });

        // A model that was taught is taken as it is where nothing more is to be taught, and gives the same figures.
        using (var taught = DrSegModel.Load(Path.Combine(folder.File("first"), ObjectsCommand.ModelFile)))
            Assert.That(taught.CompactPolicy.Shape.MostObjects, Is.EqualTo(3));
        CommandLine.Succeed([.. tiny, "--model", Path.Combine(folder.File("first"), ObjectsCommand.ModelFile), "--warm-up-steps", "0", "--out", folder.File("second")]);
        Assert.That(Rows("second").ToJsonString(), Is.EqualTo(rows.ToJsonString()));

        JsonArray Rows(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder.File(run), ObjectsReport.FiguresFile)))!["rows"]!.AsArray();
    }

    [Test]
    public void WithTheLanguageOfListsAModelStillSaysWhatItSaid()
    {
        using DrSegModel one = TinyModel.Trained(), lists = ListGrammar.Give(one, 3);
        int[][] before = Greedy(one), after = Greedy(lists);
        int[] whole = [.. Enumerable.Range(0, before.Length).Where(i => before[i].Length <= 12)];
        Assert.That(whole, Has.Length.GreaterThan(20), "most answers have one look and one object");
        Assert.That(whole.Select(i => after[i]), Is.EqualTo(whole.Select(i => before[i])));
        Assert.That((lists.Policy.LongestAnswer, lists.Threshold), Is.EqualTo((31, one.Threshold)));
        Assert.That(() => ListGrammar.Give(lists, 4), Throws.ArgumentException.With.Message.Contains("up to 3 objects already"));

        static int[][] Greedy(DrSegModel model)
        {
            SegmentationExample[] examples = TinyModel.Examples(32);
            using var look = Look.Take(model.Policy, model.Segmenter, [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))], 1, AnswerSampling.Greedy);
            return [.. look.Answers.Select(answers => answers[0].Tokens)];
        }
    }

    /// <summary>Tokens of all objects stand where those of the first one do: Look x y Box x0 y0 x1 y1 Point x y, then Box or End.</summary>
    [Test]
    public void LaterObjectsBeginAtThePlacesOfTheFirst()
    {
        using DrSegModel one = TinyModel.Trained(), lists = ListGrammar.Give(one, 3);
        using var scope = NewDisposeScope();
        float[][] places = [.. Enumerable.Range(0, 31).Select(place => lists.Weights()["policy.answerPositions"][place].data<float>().ToArray())];
        Assert.That(places[4..12], Is.EqualTo(places[12..20]).And.EqualTo(places[20..28]), "from a box's first coordinate to what follows its point");
        Assert.That(places[..12].Select(place => string.Join(' ', place)).Distinct().Count(), Is.EqualTo(12));
        Assert.That(lists.Weights().Where(entry => entry.Key != "policy.answerPositions").All(entry => entry.Value.equal(one.Weights()[entry.Key]).all().item<bool>()));
    }
}
