using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg pretrain</c>: trains policy, segmenter and confirming head on composed scenes, from nothing or further.</summary>
internal static class PretrainCommand
{
    private const int ReportedScenes = 1000;
    internal const int ExamplesPerScene = 4;

    public static System.CommandLine.Command Create()
    {
        var settings = new SettingsOptions<PretrainSettings>();
        var command = new System.CommandLine.Command("pretrain", "Train the base model on composed scenes, from nothing or further.");
        settings.AddTo(command);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(settings.Read(arguments), cancellation)));
        return command;
    }

    private static int Run(PretrainSettings settings, CancellationToken cancellation)
    {
        OptionReading.Require(settings);
        PretrainingOptions options = settings.Training;
        // First of all: a model that cannot be read leaves an earlier log as it is.
        using DrSegModel? begun = settings.Model is null ? null : ModelOnDevice.Load(settings.Model, settings.Gpu);
        SceneComposer composer = SceneExamples.Composer();
        Func<long, SegmentationExample> examples = SceneExamples.Several(composer, SceneSplit.Train, options.Seed, ExamplesPerScene);
        long started = Stopwatch.GetTimestamp();
        EvaluatedQuery[] queries = ConsoleProgress.Show(bars =>
        {
            using var steps = new StepLog(settings.Log, every: 50, bars);
            using DrSegModel model = begun ?? Pretrainer.Train(CompactModelShape.ForNouns(composer.Assets.Nouns), examples, options, ModelOnDevice.Device(settings.Gpu), steps, cancellation);
            if (begun is not null) Pretrainer.Continue(model, examples, options, steps, cancellation);
            model.Save(settings.Out);
            SettingsOptions<PretrainSettings>.Save(settings, Path.ChangeExtension(settings.Out, ".options.json"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threshold {model.Threshold:0.000}"));
            return HypothesisEvaluation.Run(
                new LookToConfirmLoop(model), model.Vocabulary.Nouns, SceneExamples.Of(composer, SceneSplit.Tune, options.Seed), ReportedScenes, options.Looking, options.Seed, steps, cancellationToken: cancellation);
        });
        double Mean(Func<EvaluatedQuery, int> choose) => queries.Average(query => query.Hypotheses[choose(query)].IntersectionOverUnion);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ReportedScenes} tuning scenes, mean IoU: greedy {Mean(HypothesisChoice.Greedy):0.000}, first look {Mean(HypothesisChoice.FirstLook):0.000}, always two looks {Mean(HypothesisChoice.Always):0.000}, any {Mean(HypothesisChoice.AnyOf(1)):0.000}, most probable {Mean(HypothesisChoice.MostProbable):0.000}, perfect choice {Mean(HypothesisChoice.Perfect):0.000}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote {settings.Out} after {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes"));
        return ExitCode.Done;
    }
}
