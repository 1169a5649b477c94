using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Evaluation;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg evaluate</c> can be told about predictions that stand in files.</summary>
internal sealed record PredictionSettings : IOptionRecord
{
    public const string Topic = "Predictions";

    [Description("Evaluate these instead of a model: COCO's, LVIS' or panoptic results (JSON), or a folder of masks (QUERY/NAME.png, or NAME.png)")]
    public string? Predictions { get; init; }

    [Description("Whose definitions; none for those of the data set's layout")]
    public DetectionProtocol? Protocol { get; init; }

    [Description("What is compared")]
    public DetectionOverlap Overlap { get; init; }

    [Description("IoUs to average over, such as 0.5,0.75; none for .50:.05:.95")]
    public string? Thresholds { get; init; }

    [Description("Ranges of areas in square pixels, such as tiny:0-256,rest:256-1e9; none for small, medium and large")]
    public string? AreaRanges { get; init; }

    [Description("Detections that count for average recall, such as 1,10,100")]
    public string? RecallMaxima { get; init; }

    [Description("Detections that count, at least 1: of an image and category, or, of LVIS, of an image; none for 100 and 300")]
    [Range(1, int.MaxValue)]
    public int? MaximumDetections { get; init; }

    [Description("Also print the figures of each class")]
    public bool EachClass { get; init; }

    [Description("File of the figures of each class to write (.csv)")]
    public string? Classes { get; init; }

    [Description("File of the confusion matrix to write: a picture (.svg) or numbers (.csv); only COCO's protocol")]
    public string? Confusion { get; init; }

    [Description("Score from which on detections enter the confusion matrix; none for the one with the best F1")]
    [Range(double.NegativeInfinity, double.PositiveInfinity)]
    public double? ConfusionScore { get; init; }

    /// <param name="usual">Whose definitions where nobody says otherwise.</param>
    public DetectionSettings ToSettings(DetectionProtocol usual) => new()
    {
        Protocol = Protocol ?? usual,
        Overlap = Overlap,
        MaximumDetections = MaximumDetections,
        Thresholds = List(Thresholds, nameof(Thresholds), "IoUs, such as 0.5,0.75", Number),
        AreaRanges = List(AreaRanges, nameof(AreaRanges), "ranges with names, such as tiny:0-256,rest:256-1e9", Range),
        RecallMaxima = List<int>(RecallMaxima, nameof(RecallMaxima), "whole numbers, such as 1,10,100", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null),
    };

    private static T[]? List<T>(string? text, string option, string wanted, Func<string, T?> parse)
        where T : struct =>
        text is null ? null : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => parse(part)
            ?? throw new ArgumentException($"{OptionNames.OnCommandLine(option)} must be {wanted}; '{part}' is none."))];

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static (string, double, double)? Range(string text) =>
        text.Split(':') is [var name, var ends] && ends.Split('-', 2) is [var low, var high] && Number(low) is { } from && Number(high) is { } to ? (name.Trim(), from, to) : null;
}
