using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using Microsoft.ML.DrSeg.Training.Pretraining;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg pretrain</c>: trains policy, segmenter and confirming head on composed scenes, from nothing or further.</summary>
internal static class PretrainCommand
{
    private const int ReportedScenes = 1000;
    internal const int ExamplesPerScene = 4;

    public static System.CommandLine.Command Create()
    {
        var defaults = new PretrainingOptions();
        Option<string> output = new("--out") { Description = "File of the trained model", DefaultValueFactory = _ => "artifacts/base.drseg" };
        Option<string> log = new("--log") { Description = "File of the learning curves (CSV)", DefaultValueFactory = _ => "artifacts/pretrain.csv" };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => (int)defaults.Seed };
        Option<int> batch = new("--batch") { DefaultValueFactory = _ => defaults.BatchSize };
        Option<double> rate = new("--learning-rate") { DefaultValueFactory = _ => defaults.LearningRate };
        Option<int> segmenter = new("--segmenter-steps") { DefaultValueFactory = _ => defaults.SegmenterSteps };
        Option<int> policy = new("--policy-steps") { DefaultValueFactory = _ => defaults.PolicySteps };
        Option<int> confirmation = new("--confirmation-steps") { DefaultValueFactory = _ => defaults.ConfirmationSteps };
        Option<string?> model = new("--model") { Description = "Model to train further instead of a new one; a part of 0 steps stays as it is" };
        Option<bool> cuda = new("--cuda") { Description = "Train on the first CUDA device" };
        var command = new System.CommandLine.Command("pretrain", "Train the base model on composed scenes, from nothing or further.")
        {
            output, log, seed, batch, rate, segmenter, policy, confirmation, model, cuda,
        };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            defaults with
            {
                Seed = (ulong)arguments.GetValue(seed),
                BatchSize = arguments.GetValue(batch),
                LearningRate = arguments.GetValue(rate),
                SegmenterSteps = arguments.GetValue(segmenter),
                PolicySteps = arguments.GetValue(policy),
                ConfirmationSteps = arguments.GetValue(confirmation),
            },
            arguments.GetValue(model), arguments.GetValue(output)!, arguments.GetValue(log)!, arguments.GetValue(cuda) ? CUDA : CPU, cancellation)));
        return command;
    }

    private static int Run(PretrainingOptions options, string? modelPath, string output, string log, Device device, CancellationToken cancellation)
    {
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> examples = SceneExamples.Several(composer, SceneSplit.Train, options.Seed, ExamplesPerScene);
        long started = Stopwatch.GetTimestamp();
        EvaluatedQuery[] queries = ConsoleProgress.Show(bars =>
        {
            using var steps = new StepLog(log, every: 50, bars);
            using DrSegModel model = modelPath is null
                ? Pretrainer.Train(DrSegModelShape.ForNouns(composer.Assets.Nouns), examples, options, device, steps, cancellation)
                : DrSegModel.Load(modelPath, device);
            if (modelPath is not null) Pretrainer.Continue(model, examples, options, steps, cancellation);
            model.Save(output);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threshold {model.Threshold:0.000}"));
            return HypothesisEvaluation.Run(
                model.LookToConfirm, model.Vocabulary, SceneExamples.Of(composer, SceneSplit.Tune, options.Seed), ReportedScenes, options.Looking, options.Seed, steps, cancellation);
        });
        double Mean(Func<EvaluatedQuery, int> choose) => queries.Average(query => query.Hypotheses[choose(query)].IntersectionOverUnion);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ReportedScenes} tuning scenes, mean IoU: greedy {Mean(HypothesisChoice.Greedy):0.000}, first look {Mean(HypothesisChoice.FirstLook):0.000}, always two looks {Mean(HypothesisChoice.Always):0.000}, any {Mean(HypothesisChoice.AnyOf(1)):0.000}, most probable {Mean(HypothesisChoice.MostProbable):0.000}, perfect choice {Mean(HypothesisChoice.Perfect):0.000}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote {output} after {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes"));
        return 0;
    }
}
