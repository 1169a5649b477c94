using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// <c>drseg study</c>: every way of training over several seeds, every rule of choosing an answer, with paired
/// bootstrap intervals. Tune on the tuning split; look at the test split once.
/// </summary>
internal static class StudyCommand
{
    private const ulong TestSeed = 7;

    public static System.CommandLine.Command Create()
    {
        var defaults = new TrainingSettings();
        Option<int> steps = new("--steps") { DefaultValueFactory = _ => defaults.Steps };
        Option<double> rate = new("--learning-rate") { DefaultValueFactory = _ => defaults.LearningRate };
        Option<int> seeds = new("--seeds") { DefaultValueFactory = _ => 3 };
        Option<int> scenes = new("--scenes") { DefaultValueFactory = _ => 2000 };
        Option<SceneSplit> split = new("--split") { DefaultValueFactory = _ => SceneSplit.Tune };
        Option<string[]> arms = new("--arms") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. TrainingArm.All.Select(arm => arm.Key)] };
        Option<string?> model = new("--model") { Description = "Base model instead of the shipped one" };
        Option<string> output = new("--out") { Description = "Folder of the figures", DefaultValueFactory = _ => Path.Combine("artifacts", "study") };
        var command = new System.CommandLine.Command("study", "Compare every way of training over several seeds.") { steps, rate, seeds, scenes, split, arms, model, output };
        command.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            string[] chosen = arguments.GetValue(arms)!;
            TrainingArm[] all = [.. chosen.Select(key => TrainingArm.All.FirstOrDefault(arm => arm.Key == key)
                ?? throw new ArgumentException($"There is no way of training '{key}'; choose from {string.Join(", ", TrainingArm.All.Select(arm => arm.Key))}."))];
            return new Study(
                all, defaults with { Steps = arguments.GetValue(steps), LearningRate = arguments.GetValue(rate) }, arguments.GetValue(seeds),
                arguments.GetValue(scenes), arguments.GetValue(split), arguments.GetValue(model), arguments.GetValue(output)!).Run(cancellation);
        }));
        return command;
    }

    private sealed class Study(
        TrainingArm[] arms, TrainingSettings settings, int seeds, int scenes, SceneSplit split, string? modelPath, string output)
    {
        // By row title, one entry a seed.
        private readonly List<(string Key, List<InferenceRow> Runs)> rows = [];
        private readonly List<EvaluatedQuery[]> baseRuns = [];

        public int Run(CancellationToken cancellation)
        {
            long started = Stopwatch.GetTimestamp();
            using DrSegModel baseModel = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
            SceneComposer composer = SceneExamples.Composer();
            Func<long, SegmentationExample> examples = SceneExamples.Of(composer, split, TestSeed);
            var looking = new LookToConfirmOptions();
            ConsoleProgress.Show(bars =>
            {
                for (int seed = 1; seed <= seeds; seed++)
                {
                    // The sampled hypotheses of the base model depend on the seed too.
                    EvaluatedQuery[] ofBase = HypothesisEvaluation.Run(baseModel.LookToConfirm, baseModel.Vocabulary, examples, scenes, looking, (ulong)seed, bars.Named($"{seed}: evaluate base"), cancellation);
                    baseRuns.Add(ofBase);
                    Add("base model", ofBase, baseModel.Threshold);
                    foreach (TrainingArm arm in arms)
                    {
                        (DrSegModel trained, _) = arm.Train(baseModel, composer, settings, seed, bars.Named($"{seed}: train {arm.Title}"), cancellation);
                        using (trained)
                        {
                            Add(arm.Title, HypothesisEvaluation.Run(trained.LookToConfirm, trained.Vocabulary, examples, scenes, looking, (ulong)seed, bars.Named($"{seed}: evaluate {arm.Title}"), cancellation), baseModel.Threshold);
                        }
                        // What is finished is kept, whatever comes after.
                        Write(baseModel.Threshold, Stopwatch.GetElapsedTime(started).TotalSeconds, seed);
                    }
                }
                return 0;
            });
            Write(baseModel.Threshold, Stopwatch.GetElapsedTime(started).TotalSeconds, seeds);
            Console.WriteLine(File.ReadAllText(Path.Combine(output, "table.md")));
            return 0;
        }

        private void Add(string training, EvaluatedQuery[] queries, float threshold)
        {
            InferenceRow[] found =
            [
                InferenceRow.Greedy(training, queries, null),
                InferenceRow.Confirmed(training, queries, threshold, null),
                InferenceRow.Control(training, "never twice", queries, HypothesisChoice.FirstLook),
                InferenceRow.Control(training, "always twice", queries, HypothesisChoice.Always),
                InferenceRow.Control(training, "twice at random, same rate", queries, HypothesisChoice.AtRandomRate(
                    queries.Average(query => HypothesisChoice.LooksAgain(query, threshold) ? 1.0 : 0.0), seed: 1)),
                InferenceRow.Control(training, "most probable of all", queries, HypothesisChoice.MostProbable),
                InferenceRow.Control(training, "any of all", queries, HypothesisChoice.AnyOf(seed: 1)),
                InferenceRow.Control(training, "perfect choice of all", queries, HypothesisChoice.Perfect),
            ];
            foreach (InferenceRow row in found)
            {
                string key = $"{row.Training} | {row.Inference}";
                if (rows.All(entry => entry.Key != key)) rows.Add((key, []));
                rows.Single(entry => entry.Key == key).Runs.Add(row);
            }
        }

        private void Write(float threshold, double seconds, int seedsDone)
        {
            var table = new StringBuilder();
            table.AppendLine(CultureInfo.InvariantCulture, $"{seedsDone} seeds, {scenes} scenes of the split {split}, {settings.Steps} steps of {settings.QueriesPerStep} queries and {settings.GroupSize} answers, learning rate {settings.LearningRate}, threshold {threshold:0.000}, {seconds:0} seconds.");
            table.AppendLine().AppendLine("| training | inference | mIoU | gIoU | cIoU | P@.5 | failed | second looks | improved | harmed | hypotheses |");
            table.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
            foreach ((_, List<InferenceRow> runs) in rows)
            {
                double Mean(Func<InferenceRow, double> figure) => runs.Average(figure);
                table.AppendLine(CultureInfo.InvariantCulture, $"| {runs[0].Training} | {runs[0].Inference} | {Mean(r => r.Metrics.MeanIoU):0.000} | {Mean(r => r.Metrics.GeneralizedIoU):0.000} | {Mean(r => r.Metrics.CumulativeIoU):0.000} | {Mean(r => r.Metrics.PrecisionAtHalf):0.000} | {Mean(r => r.Metrics.FailedShare):0.0%} | {Mean(r => r.SecondLooks):0.0%} | {Mean(r => r.Improved):0.0%} | {Mean(r => r.Harmed):0.0%} | {Mean(r => r.Hypotheses):0.0} |");
            }
            table.AppendLine().AppendLine("| comparison (gIoU) | difference | 95 % interval |").AppendLine("|---|---|---|");
            foreach ((string title, string from, string to) in Comparisons())
                if (Interval(from, to, Comparison.Difference) is { } interval)
                    table.AppendLine(CultureInfo.InvariantCulture, $"| {title} | {interval.Estimate:+0.0000;-0.0000} | {interval.Low:+0.0000;-0.0000} to {interval.High:+0.0000;-0.0000} |");
            table.AppendLine().AppendLine(Confidence());
            AtomicFile.WriteText(Path.Combine(output, "table.md"), table.ToString());
            var json = new JsonObject { ["seeds"] = seedsDone, ["scenes"] = scenes, ["split"] = split.ToString(), ["seconds"] = seconds };
            json["rows"] = new JsonArray([.. rows.SelectMany(entry => entry.Runs.Select((row, run) =>
            {
                JsonObject one = row.ToJson();
                one["seed"] = run + 1;
                return (JsonNode)one;
            }))]);
            AtomicFile.WriteText(Path.Combine(output, "results.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }

        private IEnumerable<(string Title, string From, string To)> Comparisons()
        {
            const string Greedy = "one greedy answer", Confirmed = "Look-to-Confirm";
            foreach (TrainingArm arm in arms)
            {
                yield return ($"{arm.Title} - base, one greedy answer", $"base model | {Greedy}", $"{arm.Title} | {Greedy}");
                yield return ($"{arm.Title} - base, Look-to-Confirm", $"base model | {Confirmed}", $"{arm.Title} | {Confirmed}");
            }
            foreach (TrainingArm arm in arms.Where(arm => arm != TrainingArm.Grpo))
            {
                yield return ($"{arm.Title} - GRPO, one greedy answer", $"GRPO | {Greedy}", $"{arm.Title} | {Greedy}");
                yield return ($"{arm.Title} - GRPO, Look-to-Confirm", $"GRPO | {Confirmed}", $"{arm.Title} | {Confirmed}");
                yield return ($"{arm.Title}, Look-to-Confirm - GRPO, one greedy answer", $"GRPO | {Greedy}", $"{arm.Title} | {Confirmed}");
            }
            yield return ("base, learned threshold - never twice", $"base model | never twice", $"base model | {Confirmed}");
            yield return ("base, learned threshold - twice at random", "base model | twice at random, same rate", $"base model | {Confirmed}");
        }

        private ConfidenceInterval? Interval(string from, string to, Comparison comparison)
        {
            List<InferenceRow>? a = rows.FirstOrDefault(entry => entry.Key == from).Runs, b = rows.FirstOrDefault(entry => entry.Key == to).Runs;
            if (a is null || b is null) return null;
            int runs = Math.Min(a.Count, b.Count);
            return PairedBootstrap.CompareMeans(
                [.. a.Take(runs).Select(row => row.QueryIoU)], [.. b.Take(runs).Select(row => row.QueryIoU)], new BootstrapSettings { Comparison = comparison });
        }

        // How well the confirming head knows what its masks are worth: over all hypotheses of the base model.
        private string Confidence()
        {
            EvaluatedHypothesis[] masks = [.. baseRuns[0].SelectMany(query => query.Hypotheses).Where(hypothesis => !hypothesis.Overlap.IsFailed)];
            double[] confidences = [.. masks.Select(hypothesis => (double)hypothesis.Confidence)];
            double[] ious = [.. masks.Select(hypothesis => hypothesis.IntersectionOverUnion)];
            Calibration calibration = Calibration.From(confidences, ious);
            return string.Create(CultureInfo.InvariantCulture,
                $"Confidence against IoU over {masks.Length} hypotheses of the base model: rank correlation {RankCorrelation.Spearman(confidences, ious):0.000}, expected calibration error {calibration.ExpectedError:0.000}.");
        }
    }
}
