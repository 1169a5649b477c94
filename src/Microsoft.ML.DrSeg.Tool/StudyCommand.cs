using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
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
        Option<double> divergence = new("--divergence-weight") { DefaultValueFactory = _ => defaults.DivergenceWeight };
        Option<int> seeds = new("--seeds") { DefaultValueFactory = _ => 3 };
        Option<int> scenes = new("--scenes") { DefaultValueFactory = _ => 2000 };
        Option<int> unseen = new("--unseen-scenes") { Description = "Scenes of cut-outs that no training has seen, reported apart; 0 for none", DefaultValueFactory = _ => 0 };
        Option<SceneSplit> split = new("--split") { DefaultValueFactory = _ => SceneSplit.Tune };
        Option<string[]> arms = new("--arms") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. TrainingArm.All.Select(arm => arm.Key)] };
        Option<string?> model = new("--model") { Description = "Base model instead of the shipped one" };
        Option<string> output = new("--out") { Description = "Folder of the figures", DefaultValueFactory = _ => Path.Combine("artifacts", "study") };
        var command = new System.CommandLine.Command("study", "Compare every way of training over several seeds.") { steps, rate, divergence, seeds, scenes, unseen, split, arms, model, output };
        command.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            string[] chosen = arguments.GetValue(arms)!;
            TrainingArm[] all = [.. chosen.Select(key => TrainingArm.All.FirstOrDefault(arm => arm.Key == key)
                ?? throw new ArgumentException($"There is no way of training '{key}'; choose from {string.Join(", ", TrainingArm.All.Select(arm => arm.Key))}."))];
            return Run(
                all, defaults with { Steps = arguments.GetValue(steps), LearningRate = arguments.GetValue(rate), DivergenceWeight = arguments.GetValue(divergence) },
                arguments.GetValue(seeds), arguments.GetValue(scenes), arguments.GetValue(unseen), arguments.GetValue(split), arguments.GetValue(model),
                arguments.GetValue(output)!, cancellation);
        }));
        return command;
    }

    private static int Run(
        TrainingArm[] arms, TrainingSettings settings, int seeds, int scenes, int unseenScenes, SceneSplit split, string? modelPath, string output,
        CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        using DrSegModel baseModel = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> known = SceneExamples.Of(composer, split, TestSeed), unseen = SceneExamples.Of(composer, SceneSplit.UnseenCutout, TestSeed);
        var report = new StudyReport(arms, baseModel.Threshold,
            string.Create(CultureInfo.InvariantCulture, $"{scenes} scenes of the split {split}, {settings.Steps} steps of {settings.QueriesPerStep} queries and {settings.GroupSize} answers, learning rate {settings.LearningRate}, divergence weight {settings.DivergenceWeight}, threshold {baseModel.Threshold:0.000}"));
        ConsoleProgress.Show(bars =>
        {
            for (int seed = 1; seed <= seeds; seed++)
            {
                SeedResult[] results = SideBySide.Run<TrainingArm?, SeedResult>([null, .. arms], arm =>
                {
                    string title = arm?.Title ?? StudyReport.Base;
                    DrSegModel model = arm is null ? baseModel : arm.Train(baseModel, composer, settings, seed, bars.Named($"{seed}: train {title}"), cancellation).Model;
                    try
                    {
                        // The sampled hypotheses depend on the seed too, those of the base model included.
                        EvaluatedQuery[] Evaluate(Func<long, SegmentationExample> examples, int count, string name) => count == 0 ? [] : HypothesisEvaluation.Run(
                            model.LookToConfirm, model.Vocabulary, examples, count, new LookToConfirmOptions(), (ulong)seed, bars.Named($"{seed}: {name}"), cancellation);
                        return new SeedResult(title, Evaluate(known, scenes, $"evaluate {title}"), Evaluate(unseen, unseenScenes, $"evaluate {title}, unseen"));
                    }
                    finally
                    {
                        if (arm is not null) model.Dispose();
                    }
                }, cancellation);
                foreach (SeedResult result in results) report.Add(result.Title, result.Known, result.Unseen);
                // What is finished is kept, whatever comes after.
                report.Save(output, Stopwatch.GetElapsedTime(started));
            }
            return 0;
        });
        Console.WriteLine(File.ReadAllText(Path.Combine(output, StudyReport.TableFile)));
        return 0;
    }

    private sealed record SeedResult(string Title, EvaluatedQuery[] Known, EvaluatedQuery[] Unseen);
}
