using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Tool;
using Microsoft.ML.DrSeg.Training;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>
/// <c>studies study</c>: every way of training over several seeds, every rule of choosing an answer, with paired
/// bootstrap intervals. Tune on the tuning split; look at the test split once.
/// </summary>
internal static class StudyCommand
{
    public static System.CommandLine.Command Create()
    {
        GrpoOptions shared = TrainingArm.Shared;
        Option<int> steps = ValueOption.Create("--steps", "Optimisation steps of each training", shared.Steps);
        Option<double> rate = ValueOption.Create("--learning-rate", "Learning rate of each training", shared.Optimizer.LearningRate);
        Option<double> divergence = ValueOption.Create("--divergence-weight", "Weight of the divergence from the base model", shared.Objective.DivergenceWeight);
        Option<int> seeds = ValueOption.Create("--seeds", "How often each way of training is repeated, with the seeds from 1", 3);
        Option<int> scenes = ValueOption.Create("--scenes", "Scenes to measure on", 2000);
        Option<int> unseen = ValueOption.Create("--unseen-scenes", "Scenes of cut-outs that no training has seen, reported apart; 0 for none", 0);
        Option<SceneSplit> split = ValueOption.Create("--split", "Split of the scenes to measure on", SceneSplit.Tune);
        Option<string[]> arms = new("--arms") { Description = "Ways of training to compare", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. TrainingArm.All.Select(arm => arm.Key)] };
        ValueOption.AcceptOnly(arms, [.. TrainingArm.All.Select(arm => arm.Key)]);
        Option<string?> model = ValueOption.Create<string?>("--model", "Base model instead of the shipped one", null);
        Option<string> output = ValueOption.Create("--out", "Folder of the figures", Path.Combine("artifacts", "study"));
        var command = new System.CommandLine.Command("study", "Compare every way of training over several seeds.") { steps, rate, divergence, seeds, scenes, unseen, split, arms, model, output };
        command.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            TrainingArm[] all = [.. arguments.GetValue(arms)!.Select(key => TrainingArm.All.Single(arm => arm.Key == key))];
            return Run(
                all, shared with
                {
                    Steps = arguments.GetValue(steps),
                    Optimizer = shared.Optimizer with { LearningRate = arguments.GetValue(rate) },
                    Objective = shared.Objective with { DivergenceWeight = arguments.GetValue(divergence) },
                },
                arguments.GetValue(seeds), arguments.GetValue(scenes), arguments.GetValue(unseen), arguments.GetValue(split), arguments.GetValue(model),
                arguments.GetValue(output)!, cancellation);
        }));
        return command;
    }

    private static int Run(
        TrainingArm[] arms, GrpoOptions training, int seeds, int scenes, int unseenScenes, SceneSplit split, string? modelPath, string output,
        CancellationToken cancellation)
    {
        OptionReading.Require(training);
        Require(seeds >= 1, "Seeds", seeds, "at least 1");
        Require(scenes >= 1, "Scenes", scenes, "at least 1");
        Require(unseenScenes >= 0, "UnseenScenes", unseenScenes, "at least 0");
        long started = Stopwatch.GetTimestamp();
        using DrSegModel baseModel = ModelOnDevice.Load(modelPath, gpu: null);
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> known = SceneExamples.Of(composer, split, SceneExamples.HeldOutSeed), unseen = SceneExamples.Of(composer, SceneSplit.UnseenCutout, SceneExamples.HeldOutSeed);
        var report = new StudyReport(arms, baseModel.Threshold,
            string.Create(CultureInfo.InvariantCulture, $"{scenes} scenes of the split {split}, {training.Steps} steps of {training.Sampling.QueriesPerStep} queries and {training.Sampling.GroupSize} answers, learning rate {training.Optimizer.LearningRate}, divergence weight {training.Objective.DivergenceWeight}, threshold {baseModel.Threshold:0.000}"));
        ConsoleProgress.Show(bars =>
        {
            for (int seed = 1; seed <= seeds; seed++)
            {
                SeedResult[] results = SideBySide.Run<TrainingArm?, SeedResult>([null, .. arms], arm =>
                {
                    string title = arm?.Title ?? StudyReport.Base;
                    DrSegModel model = arm is null ? baseModel : arm.Train(baseModel, composer, training, seed, bars.Named($"{seed}: train {title}"), cancellation).Model;
                    try
                    {
                        // The sampled hypotheses depend on the seed too, those of the base model included.
                        EvaluatedQuery[] Evaluate(Func<long, SegmentationExample> examples, int count, string name) => count == 0 ? [] : HypothesisEvaluation.Run(
                            new LookToConfirmLoop(model), model.Vocabulary.Nouns, examples, count, new LookToConfirmOptions(), (ulong)seed, bars.Named($"{seed}: {name}"), cancellationToken: cancellation);
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
