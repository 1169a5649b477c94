using System.CommandLine;
using System.Globalization;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Tool;
using TorchSharp;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>
/// <c>studies ablate</c>: is the confirmation real? Masks are shuffled between scenes, and two heads are trained alike, one of
/// them without the cross-attention to the image.
/// </summary>
internal static class AblateCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<int> steps = ValueOption.Create("--confirmation-steps", "Steps that each confirming head is trained for", new PretrainingOptions().ConfirmationSteps);
        Option<int> scenes = ValueOption.Create("--scenes", "Scenes to measure on", 2000);
        Option<SceneSplit> split = ValueOption.Create("--split", "Split of the scenes to measure on", SceneSplit.Tune);
        Option<string?> model = ValueOption.Create<string?>("--model", "Base model instead of the shipped one", null);
        var command = new System.CommandLine.Command("ablate", "Check that Look-to-Confirm looks: shuffled masks, and no cross-attention.") { steps, scenes, split, model };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            arguments.GetValue(steps), arguments.GetValue(scenes), arguments.GetValue(split), arguments.GetValue(model), cancellation)));
        return command;
    }

    private static int Run(int steps, int scenes, SceneSplit split, string? modelPath, CancellationToken cancellation)
    {
        Require(steps >= 0, "ConfirmationSteps", steps, "at least 0");
        Require(scenes >= 1, "Scenes", scenes, "at least 1");
        using DrSegModel model = ModelOnDevice.Load(modelPath, gpu: null);
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> examples = SceneExamples.Of(composer, split, SceneExamples.HeldOutSeed);
        var options = new PretrainingOptions { ConfirmationSteps = steps };
        using CompactConfirmation seeing = Fresh(model.Shape.Confirmation), blind = Fresh(model.Shape.Confirmation with { AttendToImage = false });
        (string Title, CompactConfirmation Head)[] heads = [("with cross-attention", seeing), ("without cross-attention", blind)];
        ConsoleProgress.Show(bars =>
        {
            EvaluatedQuery[][] evaluated = SideBySide.Run(heads, entry =>
            {
                Pretrainer.TrainConfirmation(
                    model, entry.Head, SceneExamples.Several(composer, SceneSplit.Train, options.Seed, PretrainCommand.ExamplesPerScene), options,
                    bars.Named($"train {entry.Title}"), cancellation);
                return HypothesisEvaluation.Run(
                    new LookToConfirmLoop(model.Policy, model.Segmenter, entry.Head), model.Vocabulary.Nouns, examples, scenes, new LookToConfirmOptions(), 1,
                    bars.Named($"evaluate {entry.Title}"), cancellationToken: cancellation);
            }, cancellation);
            foreach (((string title, _), EvaluatedQuery[] queries) in heads.Zip(evaluated)) Describe(title, queries);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the model's own head, masks shuffled between scenes: rank correlation {Shuffled(model, examples, scenes):0.000}"));
            return 0;
        });
        return 0;

        // The same random numbers for both.
        CompactConfirmation Fresh(CompactConfirmationShape shape)
        {
            torch.manual_seed((long)options.Seed);
            return new CompactConfirmation(shape, model.Vocabulary);
        }
    }

    private static void Describe(string title, EvaluatedQuery[] queries)
    {
        EvaluatedHypothesis[] masks = [.. queries.SelectMany(query => query.Hypotheses).Where(hypothesis => !hypothesis.Overlap.IsFailed)];
        double correlation = RankCorrelation.Spearman(
            [.. masks.Select(hypothesis => (double)hypothesis.Confidence)], [.. masks.Select(hypothesis => hypothesis.IntersectionOverUnion)]) ?? 0;
        double Mean(Func<EvaluatedQuery, int> choose) => queries.Average(query => query.Hypotheses[choose(query)].IntersectionOverUnion);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{title}: rank correlation {correlation:0.000}, gIoU greedy {Mean(HypothesisChoice.Greedy):0.000}, chosen of all {Mean(HypothesisChoice.Always):0.000}, perfect {Mean(HypothesisChoice.Perfect):0.000}"));
    }

    // Every image is checked with the greedy mask of the scene after it: a head that looks cannot know its own scene's IoU.
    private static double Shuffled(DrSegModel model, Func<long, SegmentationExample> examples, int scenes)
    {
        SegmentationExample[] all = [.. Enumerable.Range(0, scenes).Select(i => examples(i))];
        var answered = new List<(SegmentationExample Example, BoundingBox? Box, SegmentationMask Mask)>();
        foreach (SegmentationExample[] batch in all.Chunk(64))
        {
            PolicyPrompt[] prompts = [.. batch.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))];
            using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, AnswerSampling.Greedy);
            for (int i = 0; i < batch.Length; i++)
                if (look.Masks[i][0] is { } mask)
                    answered.Add((batch[i], look.Answers[i][0].Box, mask));
        }
        Confirmation[] confirmations = model.Confirmation.Confirm([.. answered.Select((own, i) =>
        {
            (_, BoundingBox? box, SegmentationMask mask) = answered[(i + 1) % answered.Count];
            return new ConfirmationPrompt(own.Example.Image, own.Example.Query, box, mask);
        })]);
        return RankCorrelation.Spearman(
            [.. confirmations.Select(confirmation => (double)confirmation.Confidence)],
            [.. answered.Select(own => own.Mask.IntersectionOverUnion(own.Example.Mask))]) ?? 0;
    }
}
