using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Confirmations that give something else than they were asked for: the error says what, where it happens.</summary>
public class ConfirmationChecksTests
{
    /// <summary>The right confirmation, but for what is given.</summary>
    private sealed class Bent(Func<Confirmation[], Confirmation[]?> change, int mapSide) : IMaskConfirmation
    {
        private readonly ColourConfirmation _right = new();

        public int MapSide => mapSide;

        public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts) => change(_right.Confirm(prompts))!;

        public void Dispose()
        {
        }
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        static TestCaseData Case(string name, Func<Confirmation[], Confirmation[]?> change, string message, int mapSide = 4) => new TestCaseData(change, message, mapSide).SetArgDisplayNames(name);
        static Confirmation[] First(Confirmation[] right, Func<Confirmation, Confirmation> change) => [change(right[0]), .. right[1..]];
        yield return Case("no array", right => null, "0 of ");
        yield return Case("one too few", right => right[1..], "candidates were confirmed. IMaskConfirmation.Confirm gives one confirmation a prompt.");
        yield return Case("one too many", right => [.. right, right[0]], "candidates were confirmed. IMaskConfirmation.Confirm gives one confirmation a prompt.");
        yield return Case("null", right => First(right, _ => null!), "The confirmation of candidate 0 of the batch is null");
        yield return Case("no number", right => First(right, one => one with { Confidence = float.NaN }), "The confidence of candidate 0 of the batch is NaN; it estimates an IoU, 0 to 1.");
        yield return Case("above 1", right => First(right, one => one with { Confidence = 1.5f }), "The confidence of candidate 0 of the batch is 1");
        yield return Case("no map", right => First(right, one => one with { Map = null! }), "The confirmation of candidate 0 of the batch has no map");
        yield return Case("no cells", right => First(right, one => one with { Map = one.Map with { Values = null! } }), "The confirmation of candidate 0 of the batch has no map");
        yield return Case("a map of another side", right => First(right, one => one with { Map = new(2, new float[4], one.Map.Region) }), "has 4 cells and the side 2; MapSide promises 4 x 4.");
        yield return Case("cells too few", right => First(right, one => one with { Map = one.Map with { Values = new float[15] } }), "has 15 cells and the side 4");
        yield return Case("a cell that is no number", right => First(right, one => one with { Map = one.Map with { Values = [.. one.Map.Values[1..], float.NaN] } }), "Cell 15 of the confidence map of candidate 0 of the batch is NaN");
        yield return Case("no side", right => right, "IMaskConfirmation.MapSide is 0", mapSide: 0);
    }

    [TestCaseSource(nameof(Wrong))]
    public void OtherConfirmationsThanTheCandidatesAreErrors(Func<Confirmation[], Confirmation[]?> change, string message, int mapSide)
    {
        manual_seed(1);
        using var model = new DrSegModel(new TextPolicy(TextModel.Shape, CPU), new ThresholdSegmenter(), new Bent(change, mapSide));
        SegmentationQuery[] queries = [.. TextModelRow.Examples(0, 2).Select(example => new SegmentationQuery(example.Image, example.Query, example.Id))];
        Assert.That(() => new LookToConfirmLoop(model).Run(queries, new(), seed: 1), Throws.InvalidOperationException.With.Message.Contains(message));
    }
}
