using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Training;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// <c>drseg demo</c>: trains the base model with plain GRPO and with Dr. Seg, same steps, group size and seed, and
/// compares them on scenes that no training has seen.
/// </summary>
internal static class DemoCommand
{
    private const int TimedQueries = 64;
    private const int PicturedQueries = 8;

    public static System.CommandLine.Command Create()
    {
        Option<int> steps = ValueOption.Create("--steps", "Optimisation steps of each training", TrainingArm.Shared.Steps);
        Option<int> scenes = ValueOption.Create("--scenes", $"Held-out scenes, at least {TimedQueries}", 2000);
        Option<int> seed = ValueOption.Create("--seed", "Fixes every random draw", 1);
        Option<string?> model = ValueOption.Create<string?>("--model", "Base model instead of the shipped one", null);
        Option<string> output = ValueOption.Create("--out", "Folder of the report", Path.Combine("artifacts", "demo"));
        Option<string?> real = ValueOption.Create<string?>("--real", "Data set of real photographs to measure too, without any tuning: a folder or an annotation file", null);
        var command = new System.CommandLine.Command("demo", "Train with GRPO and with Dr. Seg, compare, and write a report.") { steps, scenes, seed, model, real, output };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            TrainingArm.Shared with { Steps = arguments.GetValue(steps) }, arguments.GetValue(scenes), arguments.GetValue(seed),
            arguments.GetValue(model), arguments.GetValue(real), arguments.GetValue(output)!, cancellation)));
        return command;
    }

    private static int Run(GrpoOptions training, int scenes, int seed, string? modelPath, string? realPath, string output, CancellationToken cancellation)
    {
        OptionReading.Require(training);
        Require(scenes >= TimedQueries, "Scenes", scenes, $"at least {TimedQueries}");
        using DrSegModel baseModel = ModelOnDevice.Load(modelPath, gpu: null);
        using var demo = new Demo(baseModel, training, scenes, seed, cancellation);
        demo.Run(realPath, output);
        return 0;
    }

    /// <summary>One run: two trainings, three models under two rules of inference, and what is written about them.</summary>
    private sealed class Demo(DrSegModel baseModel, GrpoOptions training, int scenes, int seed, CancellationToken cancellation) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly SceneComposer _composer = SceneExamples.Composer();
        private readonly LookToConfirmOptions _looking = new() { Threshold = baseModel.Threshold };
        private readonly List<(string Title, DrSegModel Model)> _models = [("base model", baseModel)];
        private readonly List<(string Title, IReadOnlyList<TrainingProgress> Curve)> _curves = [];

        public void Run(string? realPath, string output)
        {
            Func<long, SegmentationExample> test = SceneExamples.Of(_composer, SceneSplit.Test, SceneExamples.HeldOutSeed);
            List<InferenceRow> rows = ConsoleProgress.Show(bars =>
            {
                Train([TrainingArm.Grpo, TrainingArm.DrSeg], bars);
                return Evaluate(test, bars);
            });
            List<InferenceRow> real = realPath is null ? [] : Photographs(realPath);
            double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
            InferenceTable.Print(rows);
            if (real.Count > 0) InferenceTable.Print(real);
            Console.WriteLine($"{seconds:0} seconds");

            var report = new DemoReport(rows, real, _curves, training, scenes, seed, baseModel.Threshold, seconds);
            report.AddPictures(_models, [.. Enumerable.Range(0, PicturedQueries).Select(i => test(i))], _looking);
            string page = Path.Combine(output, "index.html");
            report.Save(page);
            AtomicFile.WriteText(Path.Combine(output, "results.json"), Figures(rows, real, seconds).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            Console.WriteLine($"Report: {Path.GetFullPath(page)}");
        }

        public void Dispose()
        {
            foreach ((_, DrSegModel trained) in _models.Skip(1)) trained.Dispose();
        }

        private void Train(TrainingArm[] arms, ConsoleProgress bars)
        {
            var trained = SideBySide.Run(arms, arm => arm.Train(baseModel, _composer, training, seed, bars.Named($"train {arm.Title}"), cancellation), cancellation);
            foreach ((TrainingArm arm, (DrSegModel model, IReadOnlyList<TrainingProgress> curve)) in arms.Zip(trained))
            {
                _models.Add((arm.Title, model));
                _curves.Add((arm.Title, curve));
            }
        }

        private List<InferenceRow> Evaluate(Func<long, SegmentationExample> test, ConsoleProgress bars)
        {
            EvaluatedQuery[][] evaluated = HypothesisEvaluation.RunSideBySide(
                _models, test, scenes, _looking, (ulong)seed, (title, from) => bars.Named($"evaluate {title} from {from}"), cancellation);
            SegmentationExample[] timed = [.. Enumerable.Range(0, TimedQueries).Select(i => test(i))];
            var rows = new List<InferenceRow>();
            foreach (((string title, DrSegModel model), EvaluatedQuery[] queries) in _models.Zip(evaluated))
            {
                (double greedy, double confirmed) = InferenceRow.Time(model, timed, _looking);
                rows.Add(InferenceRow.Greedy(title, queries, greedy));
                rows.Add(InferenceRow.Confirmed(title, queries, _looking.Threshold, confirmed));
            }
            return rows;
        }

        private List<InferenceRow> Photographs(string path)
        {
            (Func<long, SegmentationExample> photographs, int count) = new DataSetQueries(path, baseModel.Vocabulary).Examples();
            var rows = new List<InferenceRow>();
            foreach ((string title, DrSegModel model) in _models)
            {
                EvaluatedQuery[] queries = HypothesisEvaluation.Run(
                    new LookToConfirmLoop(model), model.Vocabulary.Nouns, photographs, count, _looking, (ulong)seed, null, cancellationToken: cancellation);
                rows.Add(InferenceRow.Greedy($"{title}, {count} queries", queries));
                rows.Add(InferenceRow.Confirmed($"{title}, {count} queries", queries, _looking.Threshold));
            }
            return rows;
        }

        private JsonObject Figures(List<InferenceRow> rows, List<InferenceRow> real, double seconds) => new()
        {
            ["base"] = rows[0].ToJson(),
            ["grpo"] = rows[2].ToJson(),
            ["drSeg"] = rows[5].ToJson(),
            ["seconds"] = seconds,
            ["seed"] = seed,
            ["steps"] = training.Steps,
            ["queriesPerStep"] = training.Sampling.QueriesPerStep,
            ["groupSize"] = training.Sampling.GroupSize,
            ["learningRate"] = training.Optimizer.LearningRate,
            ["divergenceWeight"] = training.Objective.DivergenceWeight,
            ["scenes"] = scenes,
            ["threshold"] = baseModel.Threshold,
            ["rows"] = new JsonArray([.. rows.Select(row => row.ToJson())]),
            ["photographs"] = new JsonArray([.. real.Select(row => row.ToJson())]),
        };
    }
}
