using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using Spectre.Console;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// <c>drseg demo</c>: trains the base model with plain GRPO and with Dr. Seg, same steps, group size and seed, and
/// compares them on scenes that no training has seen.
/// </summary>
internal static class DemoCommand
{
    private const int TimedQueries = 64;
    private const int PicturedQueries = 8;
    private const ulong TestSeed = 7;

    public static System.CommandLine.Command Create()
    {
        var defaults = new TrainingSettings();
        Option<int> steps = new("--steps") { Description = "Optimisation steps of each training", DefaultValueFactory = _ => defaults.Steps };
        Option<int> scenes = new("--scenes") { Description = "Held-out scenes", DefaultValueFactory = _ => 2000 };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1 };
        Option<string?> model = new("--model") { Description = "Base model instead of the shipped one" };
        Option<string> output = new("--out") { Description = "Folder of the report", DefaultValueFactory = _ => Path.Combine("artifacts", "demo") };
        Option<string?> real = new("--real") { Description = "Folder of real photographs (instances.json in COCO's format, images/) to measure too, without any tuning" };
        var command = new System.CommandLine.Command("demo", "Train with GRPO and with Dr. Seg, compare, and write a report.") { steps, scenes, seed, model, real, output };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            defaults with { Steps = arguments.GetValue(steps) }, arguments.GetValue(scenes), arguments.GetValue(seed),
            arguments.GetValue(model), arguments.GetValue(real), arguments.GetValue(output)!, cancellation)));
        return command;
    }

    private static int Run(TrainingSettings settings, int scenes, int seed, string? modelPath, string? realFolder, string output, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scenes, TimedQueries);
        long started = Stopwatch.GetTimestamp();
        using DrSegModel baseModel = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> test = SceneExamples.Of(composer, SceneSplit.Test, TestSeed);
        var looking = new LookToConfirmOptions { Threshold = baseModel.Threshold };

        var curves = new List<(string Title, IReadOnlyList<TrainingProgress> Curve)>();
        var models = new List<(string Title, DrSegModel Model)> { ("base model", baseModel) };
        try
        {
            EvaluatedQuery[][] evaluated = ConsoleProgress.Show(bars =>
            {
                foreach (TrainingArm arm in new[] { TrainingArm.Grpo, TrainingArm.DrSeg })
                {
                    (DrSegModel trained, IReadOnlyList<TrainingProgress> curve) =
                        arm.Train(baseModel, composer, settings, seed, bars.Named($"train {arm.Title}"), cancellation);
                    models.Add((arm.Title, trained));
                    curves.Add((arm.Title, curve));
                }
                return models.Select(entry => HypothesisEvaluation.Run(
                    entry.Model.LookToConfirm, entry.Model.Vocabulary, test, scenes, looking, (ulong)seed, bars.Named($"evaluate {entry.Title}"), cancellation)).ToArray();
            });

            SegmentationExample[] timed = [.. Enumerable.Range(0, TimedQueries).Select(i => test(i))];
            var rows = new List<InferenceRow>();
            for (int i = 0; i < models.Count; i++)
            {
                (double greedy, double confirmed) = InferenceRow.Time(models[i].Model, timed, looking);
                rows.Add(InferenceRow.Greedy(models[i].Title, evaluated[i], greedy));
                rows.Add(InferenceRow.Confirmed(models[i].Title, evaluated[i], baseModel.Threshold, confirmed));
            }
            List<InferenceRow> real = realFolder is null ? [] : Photographs(realFolder, models, looking, (ulong)seed, cancellation);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Print(rows);
            if (real.Count > 0) Print(real);
            Console.WriteLine($"{seconds:0} seconds");

            var report = new DemoReport(rows, real, curves, settings, scenes, seed, baseModel.Threshold, seconds);
            report.AddPictures(models, [.. Enumerable.Range(0, PicturedQueries).Select(i => test(i))], looking);
            report.Save(Path.Combine(output, "index.html"));
            var json = new JsonObject
            {
                ["base"] = rows[0].ToJson(),
                ["grpo"] = rows[2].ToJson(),
                ["drSeg"] = rows[5].ToJson(),
                ["seconds"] = seconds,
                ["seed"] = seed,
                ["steps"] = settings.Steps,
                ["queriesPerStep"] = settings.QueriesPerStep,
                ["groupSize"] = settings.GroupSize,
                ["learningRate"] = settings.LearningRate,
                ["scenes"] = scenes,
                ["threshold"] = baseModel.Threshold,
                ["rows"] = new JsonArray([.. rows.Select(row => row.ToJson())]),
                ["photographs"] = new JsonArray([.. real.Select(row => row.ToJson())]),
            };
            AtomicFile.WriteText(Path.Combine(output, "results.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            Console.WriteLine($"Report: {Path.GetFullPath(Path.Combine(output, "index.html"))}");
            return 0;
        }
        finally
        {
            foreach ((_, DrSegModel trained) in models.Skip(1)) trained.Dispose();
        }
    }

    private static List<InferenceRow> Photographs(
        string folder, List<(string Title, DrSegModel Model)> models, LookToConfirmOptions looking, ulong seed, CancellationToken cancellation)
    {
        IReadOnlyList<SegmentationExample> photographs = CocoInstances.SingleInstances(folder, models[0].Model.Vocabulary.Nouns.ToHashSet());
        if (photographs.Count == 0)
            throw new InvalidDataException($"'{folder}' shows none of the model's nouns exactly once: {string.Join(", ", models[0].Model.Vocabulary.Nouns)}.");
        var rows = new List<InferenceRow>();
        foreach ((string title, DrSegModel model) in models)
        {
            EvaluatedQuery[] queries = HypothesisEvaluation.Run(
                model.LookToConfirm, model.Vocabulary, index => photographs[(int)index], photographs.Count, looking, seed, null, cancellation);
            rows.Add(InferenceRow.Greedy($"{title}, {photographs.Count} photographs", queries, null));
            rows.Add(InferenceRow.Confirmed($"{title}, {photographs.Count} photographs", queries, looking.Threshold, null));
        }
        return rows;
    }

    private static void Print(List<InferenceRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("training", "inference", "mIoU", "gIoU", "cIoU", "failed", "second looks", "improved", "harmed", "hypotheses", "ms");
        foreach (int column in Enumerable.Range(2, 9)) table.Columns[column].RightAligned();
        foreach (InferenceRow row in rows)
            table.AddRow(row.Training, row.Inference, $"{row.Metrics.MeanIoU:0.000}", $"{row.Metrics.GeneralizedIoU:0.000}",
                $"{row.Metrics.CumulativeIoU:0.000}", $"{row.Metrics.FailedShare:0.0%}", $"{row.SecondLooks:0.0%}",
                $"{row.Improved:0.0%}", $"{row.Harmed:0.0%}", $"{row.Hypotheses:0.0}", $"{row.Milliseconds:0.0}");
        // Where output is no terminal, nothing says how wide it may be; eleven columns need this much.
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
    }
}
