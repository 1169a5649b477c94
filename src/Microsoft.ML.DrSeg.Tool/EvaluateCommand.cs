using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg evaluate</c>: measures a model, or a checkpoint, with one greedy answer and with Look-to-Confirm.</summary>
internal static class EvaluateCommand
{
    private const ulong SceneSeed = 7;

    public static System.CommandLine.Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model or checkpoint file; none for the one that the library ships", HelpName = "file" };
        Option<string?> coco = new("--coco") { Description = "Folder in COCO's format (instances.json, images/); none for composed scenes", HelpName = "folder" };
        Option<int> scenes = new("--scenes") { Description = "Composed scenes, at least 1", DefaultValueFactory = _ => 2000 };
        Option<SceneSplit> split = new("--split") { Description = "Split of the composed scenes", DefaultValueFactory = _ => SceneSplit.Tune };
        Option<ulong> seed = new("--seed") { Description = "Fixes Look-to-Confirm's sampled answers", DefaultValueFactory = _ => 1 };
        Option<string?> output = new("--out") { Description = "File of the figures as JSON; none for the table alone", HelpName = "file" };
        var command = new System.CommandLine.Command("evaluate", "Measure a model on held-out scenes or on a folder in COCO's format.") { model, coco, scenes, split, seed, output };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            arguments.GetValue(model), arguments.GetValue(coco), arguments.GetValue(scenes), arguments.GetValue(split), arguments.GetValue(seed),
            arguments.GetValue(output), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string? modelPath, string? folder, int scenes, SceneSplit split, ulong seed, string? output, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scenes, 1);
        using DrSegModel model = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        (Func<long, SegmentationExample> examples, int count) = folder is null
            ? (SceneExamples.Of(SceneExamples.Composer(), split, SceneSeed), scenes)
            : Photographs(folder, model);
        EvaluatedQuery[] queries = ConsoleProgress.Show(bars => HypothesisEvaluation.Run(
            model.LookToConfirm, model.Vocabulary, examples, count, new LookToConfirmOptions(), seed, bars, cancellation));
        string title = Path.GetFileName(modelPath) ?? "base model";
        InferenceRow[] rows = [InferenceRow.Greedy(title, queries), InferenceRow.Confirmed(title, queries, model.Threshold)];
        InferenceTable.Print(rows);
        if (output is not null)
        {
            var figures = new JsonObject { ["queries"] = count, ["threshold"] = model.Threshold, ["rows"] = new JsonArray([.. rows.Select(row => row.ToJson())]) };
            AtomicFile.WriteText(output, figures.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }
        return ExitCode.Done;
    }

    private static (Func<long, SegmentationExample> Examples, int Count) Photographs(string folder, DrSegModel model)
    {
        IReadOnlyList<SegmentationExample> photographs = CocoInstances.SingleInstances(folder, model.Vocabulary.Nouns.ToHashSet());
        return photographs.Count > 0
            ? (index => photographs[(int)index], photographs.Count)
            : throw new InvalidDataException($"'{folder}' shows none of the model's nouns exactly once: {string.Join(", ", model.Vocabulary.Nouns)}.");
    }
}
