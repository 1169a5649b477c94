using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Tool;
using Microsoft.ML.DrSeg.Training;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>
/// <c>studies objects</c>: several objects, and none. The shipped model gets the language of lists and a short warm-up in it;
/// then it is trained by GRPO and by Dr. Seg, and all are measured on scenes of one instance and of several. Tune on the tuning
/// split; look at the test split once.
/// </summary>
internal static class ObjectsCommand
{
    public const string ModelFile = "base.drseg", CurveFile = "warm-up.csv";

    private const int MostObjects = 3, LoggedEvery = 50;
    // Fewer absent things are taught than measured: who expects them everywhere answers too often with nothing.
    private const double TaughtAbsentShare = .1, MeasuredAbsentShare = .2, FirstLooksOnlyShare = .2;

    private static readonly SceneOptions Several = new() { MaxInstances = MostObjects };

    // The paper's three components, and the metrics of the mask.
    private static readonly RewardComponent[] Components =
        [RewardComponent.BoxIoU, RewardComponent.CountScore, RewardComponent.PointScore, RewardComponent.MaskIoU, RewardComponent.Dice, RewardComponent.AveragePrecision];

    public static System.CommandLine.Command Create()
    {
        GrpoOptions shared = TrainingArm.Shared;
        Option<int> warmUp = ValueOption.Create("--warm-up-steps", "Steps in which the policy learns the language of lists", 2400);
        Option<double> learningRate = ValueOption.Create("--warm-up-learning-rate", "Peak learning rate of these and the next", 1e-3);
        Option<int> confirmation = ValueOption.Create("--confirmation-steps", "Steps in which the confirming head learns what such answers are worth", 700);
        Option<int> threshold = ValueOption.Create("--threshold-examples", "Examples that the threshold is learned from", 640);
        Option<int> steps = ValueOption.Create("--steps", "Optimisation steps of each training", shared.Steps);
        Option<int> seed = ValueOption.Create("--seed", "Fixes every random draw", 1);
        Option<int> scenes = ValueOption.Create("--scenes", "Scenes of either kind to measure on", 1000);
        Option<SceneSplit> split = ValueOption.Create("--split", "Split of the scenes to measure on", SceneSplit.Tune);
        Option<string?> model = ValueOption.Create<string?>("--model", $"Model that answers with lists already, such as an earlier run's {ModelFile}; with --warm-up-steps 0 it is not taught further", null);
        Option<string> output = ValueOption.Create("--out", "Folder of the figures and models", Path.Combine("artifacts", "objects"));
        var command = new System.CommandLine.Command("objects", "Teach the model lists of objects, train it both ways, and measure it on several objects and none.") { warmUp, learningRate, confirmation, threshold, steps, seed, scenes, split, model, output };
        command.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            int number = arguments.GetValue(seed), measured = arguments.GetValue(scenes);
            var teaching = new PretrainingOptions
            {
                Seed = (ulong)number,
                LearningRate = arguments.GetValue(learningRate),
                SegmenterSteps = 0,
                PolicySteps = arguments.GetValue(warmUp),
                FirstLooksOnlyShare = FirstLooksOnlyShare,
                ConfirmationSteps = arguments.GetValue(confirmation),
                ThresholdExamples = arguments.GetValue(threshold),
            };
            GrpoOptions training = shared with { Steps = arguments.GetValue(steps) };
            Check(teaching, training, measured);
            var study = new Study(teaching, training, number, measured, arguments.GetValue(split), arguments.GetValue(output)!, cancellation);
            return study.Run(arguments.GetValue(model));
        }));
        return command;
    }

    private static void Check(PretrainingOptions warmUp, GrpoOptions training, int scenes)
    {
        Require(warmUp.PolicySteps >= 0, "WarmUpSteps", warmUp.PolicySteps, "at least 0");
        Require(warmUp.ThresholdExamples >= 1, "ThresholdExamples", warmUp.ThresholdExamples, "at least 1");
        OptionReading.Require(warmUp);
        OptionReading.Require(training);
        Require(scenes >= 1, "Scenes", scenes, "at least 1");
    }

    private sealed class Study(
        PretrainingOptions warmUp, GrpoOptions training, int seed, int scenes, SceneSplit split, string output, CancellationToken cancellation)
    {
        private readonly SceneComposer _taught = SceneExamples.Composer(options: Several with { AbsentShare = TaughtAbsentShare });

        public int Run(string? modelPath)
        {
            long started = Stopwatch.GetTimestamp();
            using var shipped = DrSegModel.LoadBase();
            string table = ConsoleProgress.Show(bars =>
            {
                using DrSegModel taught = modelPath is null ? ListGrammar.Give(shipped, MostObjects) : ModelOnDevice.Load(modelPath, gpu: null);
                if (warmUp.PolicySteps > 0) WarmUp(taught, bars);
                TrainingArm[] arms = [TrainingArm.Grpo, TrainingArm.DrSeg with { Components = [.. Components.Select(component => new WeightedComponent(component))] }];
                DrSegModel[] trained = SideBySide.Run(arms, arm => arm.Train(taught, _taught, training, seed, bars.Named($"train {arm.Title}"), cancellation).Model, cancellation);
                try
                {
                    var report = new ObjectsReport(string.Create(CultureInfo.InvariantCulture,
                        $"{scenes} scenes of the split {split} of either kind, seed {seed}; {training.Steps} steps of {training.Sampling.QueriesPerStep} queries and {training.Sampling.GroupSize} answers, learning rate {training.Optimizer.LearningRate}; thresholds {shipped.Threshold:0.000} (shipped) and {taught.Threshold:0.000}"));
                    Measure([(ObjectsReport.Shipped, shipped), (ObjectsReport.Taught, taught), .. arms.Zip(trained, (arm, model) => (arm.Title, model))], report, bars);
                    return report.Save(output, Stopwatch.GetElapsedTime(started));
                }
                finally
                {
                    foreach (DrSegModel model in trained) model.Dispose();
                }
            });
            Console.WriteLine(table);
            return 0;
        }

        private void WarmUp(DrSegModel model, ConsoleProgress bars)
        {
            using var log = new StepLog(Path.Combine(output, CurveFile), LoggedEvery, bars);
            Pretrainer.Continue(model, WarmUpExamples(), warmUp, log, cancellation);
            model.Save(Path.Combine(output, ModelFile));
        }

        // Scene by scene one of the usual kind and one of several instances, so that the one is not forgotten over the other; both
        // are asked for absent things as often, lest the kind of scene give the answer away.
        private Func<long, SegmentationExample> WarmUpExamples()
        {
            const int PerScene = PretrainCommand.ExamplesPerScene;
            SceneComposer[] composers = [SceneExamples.Composer(options: new() { AbsentShare = TaughtAbsentShare }), _taught];
            Func<long, SegmentationExample>[] kinds = [.. composers.Select(composer => SceneExamples.Several(composer, SceneSplit.Train, warmUp.Seed, PerScene))];
            return index =>
            {
                (long scene, long place) = Math.DivRem(index, PerScene);
                return kinds[scene % kinds.Length](scene / kinds.Length * PerScene + place) with { Id = index };
            };
        }

        private void Measure((string Title, DrSegModel Model)[] models, ObjectsReport report, ConsoleProgress bars)
        {
            foreach ((string kind, SceneOptions options) in new[] { (ObjectsReport.Usual, new SceneOptions()), (ObjectsReport.Several, Several with { AbsentShare = MeasuredAbsentShare }) })
            {
                Func<long, SegmentationExample> examples = SceneExamples.Of(SceneExamples.Composer(options: options), split, SceneExamples.HeldOutSeed);
                var objects = new int[scenes];
                EvaluatedQuery[][] evaluated = HypothesisEvaluation.RunSideBySide(
                    models, index =>
                    {
                        SegmentationExample example = examples(index);
                        objects[index] = example.Objects.Count;
                        return example;
                    }, scenes, new LookToConfirmOptions(), (ulong)seed, (title, from) => bars.Named($"{kind}: {title} from {from}"), cancellation);
                foreach (((string title, DrSegModel model), EvaluatedQuery[] queries) in models.Zip(evaluated))
                    report.Add(kind, title, queries, objects, model.Threshold);
            }
        }
    }
}
