using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg evaluate --predictions</c>: scores what any model has predicted, from files.</summary>
internal static class PredictionReport
{
    public static int Run(EvaluateSettings settings)
    {
        PredictionSettings asked = settings.Foreign;
        string path = settings.Data ?? throw new ArgumentException("--predictions are for a data set; name it with --data.");
        if (!Path.Exists(asked.Predictions))
            throw new FileNotFoundException($"There is no file or folder of predictions '{asked.Predictions}' (looked for at '{Path.GetFullPath(asked.Predictions!)}').", asked.Predictions);
        if (asked.Confusion is { } matrix) ConfusionMatrix.IsPicture(matrix);
        DataSetLayout layout = DataSetFinder.Open(path).Layout;
        DetectionSettings how = asked.ToSettings(PredictionEvaluation.ProtocolOf(layout));
        bool ofMasks = Directory.Exists(asked.Predictions) || PredictionEvaluation.AsksSentences(layout);
        // What is absent is asked for where it is a row of its own; COCO's protocol takes all that has no object for absent.
        bool absent = ofMasks ? layout is DataSetLayout.Folder or DataSetLayout.RefCoco or DataSetLayout.ReasonSeg : how.IsFederated;
        SegmentationDataSet data = DataSetFinder.Open(path, new() { IncludeAbsent = absent }, layout);
        var mlContext = new MLContext();
        if (ofMasks)
        {
            if (asked.Confusion is not null) throw new ArgumentException("--confusion is about detections with scores; masks that answer queries have none.");
            SegmentationMetrics masks = mlContext.DrSeg().EvaluatePredictedMasks(data, asked.Predictions!);
            Tell(settings, masks.ToString(), masks.ToCsv(), masks.ToJson());
            return ExitCode.Done;
        }
        DetectionMetrics metrics = mlContext.DrSeg().EvaluatePredictions(data, asked.Predictions!, how);
        Tell(settings, asked.EachClass ? metrics.ToText() : metrics.ToString(), metrics.ToCsv(), metrics.ToJson());
        if (asked.Confusion is { } file)
        {
            if ((asked.ConfusionScore ?? metrics.BestScore) is not { } score) throw new ArgumentException("--confusion has nothing to show: there are no detections.");
            mlContext.DrSeg().EvaluatePredictions(data, asked.Predictions!, how with { ConfusionScore = score }).SaveConfusion(file);
            Console.WriteLine(FormattableString.Invariant($"Confusion matrix of detections that score at least {score}: {Path.GetFullPath(file)}"));
        }
        return ExitCode.Done;
    }

    private static void Tell(EvaluateSettings settings, string text, string csv, string json)
    {
        Console.WriteLine(text);
        if (settings.Foreign.Classes is { } classes)
        {
            AtomicFile.WriteText(classes, csv);
            Console.WriteLine($"Figures of each class: {Path.GetFullPath(classes)}");
        }
        if (settings.Out is not { } output) return;
        JsonObject figures = JsonNode.Parse(json)!.AsObject();
        figures["options"] = SettingsOptions<EvaluateSettings>.ToJson(settings);
        AtomicFile.WriteText(output, figures.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        Console.WriteLine($"Figures: {Path.GetFullPath(output)}");
    }
}
