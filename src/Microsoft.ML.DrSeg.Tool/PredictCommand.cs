using System.CommandLine;
using System.Globalization;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Reporting;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg predict IMAGE QUERY</c>: writes the mask of what is asked for, and the image with the mask over it.</summary>
internal static class PredictCommand
{
    public static System.CommandLine.Command Create()
    {
        Argument<string> image = new("image") { Description = "Image file: PNG, JPEG or WebP" };
        Argument<string> query = new("query") { Description = "What to segment, such as \"dog\"" };
        Option<string?> model = new("--model") { Description = "Model or checkpoint file; none for the one that the library ships", HelpName = "file" };
        Option<string?> output = new("--out") { Description = "Folder of the results; none for that of the image", HelpName = "folder" };
        Option<ulong> seed = new("--seed") { Description = "Fixes the sampled answers", DefaultValueFactory = _ => 1 };
        Option<bool> once = new("--greedy") { Description = "One greedy answer, without Look-to-Confirm" };
        var command = new System.CommandLine.Command("predict", "Segment what a query names: writes IMAGE.mask.png and IMAGE.overlay.png.") { image, query, model, output, seed, once };
        command.SetAction((arguments, _) => Task.Run(() => Run(
            arguments.GetValue(image)!, arguments.GetValue(query)!, arguments.GetValue(model), arguments.GetValue(output), arguments.GetValue(seed), arguments.GetValue(once))));
        return command;
    }

    private static int Run(string imagePath, string query, string? modelPath, string? folder, ulong seed, bool once)
    {
        RgbImage image = RgbImage.Load(imagePath);
        using DrSegModel model = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        LookToConfirmOptions looking = once
            ? new LookToConfirmOptions { FirstLookAnswers = 1, Threshold = 0 }
            : new LookToConfirmOptions { Threshold = model.Threshold };
        using LookToConfirmSession session = model.LookToConfirm.Run([new SegmentationQuery(image, model.Vocabulary.Encode(query), Id: 0)], looking, seed);
        LookToConfirmResult result = session.Results[0];
        Hypothesis chosen = result.Hypotheses[result.Chosen];
        SegmentationMask mask = chosen.Mask ?? SegmentationMask.Empty(image.Width, image.Height);
        var overlay = new Overlay(image);
        overlay.Fill(mask, RgbColor.Orange);
        if (chosen.Generated.Answer is { } answer) overlay.Box(answer.Box, RgbColor.Orange).Point(answer.Point, RgbColor.Yellow);

        folder ??= Path.GetDirectoryName(Path.GetFullPath(imagePath))!;
        Directory.CreateDirectory(folder);
        string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(imagePath));
        mask.SavePng($"{name}.mask.png");
        overlay.Image.Save($"{name}.overlay.png");
        Console.WriteLine(chosen.Generated.ToText());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mask.Area} pixels, confidence {Math.Max(chosen.Confidence, 0):0.00}, {result.Hypotheses.Count} hypotheses{(result.LookedAgain ? ", looked twice" : "")}"));
        Console.WriteLine($"{name}.mask.png");
        Console.WriteLine($"{name}.overlay.png");
        return ExitCode.Done;
    }
}
