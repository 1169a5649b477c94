using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg evaluate</c>: measures a model, or a checkpoint, with one greedy answer and with Look-to-Confirm.</summary>
internal static class EvaluateCommand
{
    public static System.CommandLine.Command Create()
    {
        var settings = new SettingsOptions<EvaluateSettings>();
        var command = new System.CommandLine.Command("evaluate", "Measure a model on held-out scenes or on a data set, or predictions of any model from files.");
        settings.AddTo(command);
        settings.Exclude(command, nameof(EvaluateSettings.Model), nameof(EvaluateSettings.Qwen));
        foreach (string option in new[] { nameof(EvaluateSettings.Scenes), nameof(EvaluateSettings.Split), nameof(EvaluateSettings.Instances), nameof(EvaluateSettings.AbsentShare) })
            settings.Exclude(command, nameof(EvaluateSettings.Data), option);
        foreach (string option in new[] { nameof(EvaluateSettings.Model), nameof(EvaluateSettings.Qwen), nameof(EvaluateSettings.Scenes), nameof(EvaluateSettings.SavePredictions) })
            settings.Exclude(command, nameof(PredictionSettings.Predictions), option);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(settings.Read(arguments), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(EvaluateSettings settings, CancellationToken cancellation)
    {
        OptionReading.Require(settings);
        if (settings.Foreign.Predictions is not null) return PredictionReport.Run(settings);
        if (settings.SavePredictions is not null && settings.Data is null)
            throw new ArgumentException("--save-predictions names images by the ids of a data set; give one with --data.");
        IProcessGroup group = Ranks.Join(settings.RankTimeLimit) ?? SingleProcess.Instance;
        if (settings.SavePredictions is not null && group.Size > 1)
            throw new ArgumentException("--save-predictions writes what one process has answered; evaluate without mpirun.");
        using DrSegModel model = ModelOnDevice.Load(settings.Model, settings.Qwen, settings.RealModel, settings.Gpu);
        (Func<long, SegmentationExample> examples, int count, IReadOnlyList<string> nouns, IReadOnlyList<AnnotatedQuery>? asked) = Queries(settings, ModelOnDevice.VocabularyOf(model));
        using AnsweredQueries? answers = settings.SavePredictions is null ? null : new(asked!, model.Threshold);
        EvaluatedQuery[] Evaluate(IProgress<TrainingProgress>? progress) => HypothesisEvaluation.Run(
            new LookToConfirmLoop(model), nouns, examples, count, new LookToConfirmOptions(), settings.Seed, progress, answers is null ? null : answers.Add, group, cancellation);
        EvaluatedQuery[] queries = Ranks.IsFirst ? ConsoleProgress.Show(Evaluate) : Evaluate(null);
        Ranks.Leave();
        if (!Ranks.IsFirst) return ExitCode.Done;
        string title = Path.GetFileName(settings.Model ?? settings.Qwen) ?? "base model";
        InferenceRow[] rows = [InferenceRow.Greedy(title, queries), InferenceRow.Confirmed(title, queries, model.Threshold)];
        InferenceTable.Print(rows);
        if (settings.SavePredictions is { } predictions)
        {
            answers!.Save(predictions);
            Console.WriteLine($"Predictions: {Path.GetFullPath(predictions)}");
        }
        if (settings.Out is { } output)
        {
            var figures = new JsonObject
            {
                ["options"] = SettingsOptions<EvaluateSettings>.ToJson(settings),
                ["queries"] = count,
                ["threshold"] = model.Threshold,
                ["rows"] = new JsonArray([.. rows.Select(row => row.ToJson())]),
            };
            AtomicFile.WriteText(output, figures.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            Console.WriteLine($"Figures: {Path.GetFullPath(output)}");
        }
        return ExitCode.Done;
    }

    private static (Func<long, SegmentationExample> Examples, int Count, IReadOnlyList<string> Nouns, IReadOnlyList<AnnotatedQuery>? Rows) Queries(EvaluateSettings settings, QueryVocabulary? vocabulary)
    {
        if (settings.Data is { } path)
        {
            var queries = new DataSetQueries(path, vocabulary, settings.SkipBadRows ? new() : null, settings.Images);
            (Func<long, SegmentationExample> examples, int count) = queries.Examples(out IReadOnlyList<AnnotatedQuery> rows);
            DataSetNotes.Print(queries.Data);
            return (examples, count, vocabulary?.Nouns ?? queries.Nouns, rows);
        }
        SceneComposer composer = SceneExamples.Composer(options: new() { MaxInstances = settings.Instances, AbsentShare = settings.AbsentShare });
        return (SceneExamples.Of(composer, settings.Split, SceneExamples.HeldOutSeed), settings.Scenes, vocabulary?.Nouns ?? composer.Assets.Nouns, null);
    }
}
