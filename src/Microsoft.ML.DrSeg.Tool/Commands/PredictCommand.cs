using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg predict IMAGE QUERY</c>: writes the mask of what is asked for, and the image with the mask over it.</summary>
internal static class PredictCommand
{
    public static System.CommandLine.Command Create()
    {
        Argument<string> image = new("image") { Description = "Image file: PNG, JPEG or WebP" };
        Argument<string> query = new("query") { Description = "What to segment, such as \"dog\"" };
        var settings = new SettingsOptions<PredictSettings>();
        var command = new System.CommandLine.Command("predict", "Segment what a query names: writes IMAGE.mask.png, IMAGE.overlay.png and IMAGE.prediction.json.") { image, query };
        settings.AddTo(command);
        settings.Exclude(command, nameof(PredictSettings.Model), nameof(PredictSettings.Qwen));
        command.SetAction((arguments, _) => Task.Run(() => Run(arguments.GetValue(image)!, arguments.GetValue(query)!, settings.Read(arguments))));
        return command;
    }

    private static int Run(string imagePath, string query, PredictSettings settings)
    {
        OptionReading.Require(settings);
        var image = RgbImage.Load(imagePath);
        using DrSegModel model = ModelOnDevice.Load(settings.Model, settings.Qwen, settings.RealModel, settings.Gpu);
        LookToConfirmOptions looking = settings.Greedy
            ? new LookToConfirmOptions { FirstLookAnswers = 1, Threshold = 0 }
            : new LookToConfirmOptions { Threshold = model.Threshold };
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run([new SegmentationQuery(image, query, Id: 0)], looking, settings.Seed);
        LookToConfirmResult result = session.Results[0];
        Hypothesis chosen = result.Hypotheses[result.Chosen];
        SegmentationMask mask = chosen.Mask ?? SegmentationMask.Empty(image.Width, image.Height);
        var overlay = new Overlay(image);
        overlay.Fill(mask, RgbColor.Orange);
        foreach (SegmentedObject one in chosen.Generated.Objects ?? []) overlay.Box(one.Box, RgbColor.Orange).Point(one.Point, RgbColor.Yellow);

        string folder = settings.Out ?? Path.GetDirectoryName(Path.GetFullPath(imagePath))!;
        Directory.CreateDirectory(folder);
        string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(imagePath));
        mask.SavePng($"{name}.mask.png");
        overlay.Image.Save($"{name}.overlay.png");
        var prediction = new JsonObject
        {
            ["image"] = imagePath,
            ["query"] = query,
            ["options"] = SettingsOptions<PredictSettings>.ToJson(settings),
            ["answer"] = chosen.Generated.ToText(),
            ["pixels"] = mask.Area,
            ["confidence"] = Math.Max(chosen.Confidence, 0),
            ["hypotheses"] = result.Hypotheses.Count,
            ["lookedAgain"] = result.LookedAgain,
        };
        AtomicFile.WriteText($"{name}.prediction.json", prediction.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        Console.WriteLine(chosen.Generated.ToText());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mask.Area} pixels, confidence {Math.Max(chosen.Confidence, 0):0.00}, {result.Hypotheses.Count} {(result.Hypotheses.Count == 1 ? "hypothesis" : "hypotheses")}{(result.LookedAgain ? ", looked twice" : "")}"));
        Console.WriteLine($"{name}.mask.png");
        Console.WriteLine($"{name}.overlay.png");
        Console.WriteLine($"{name}.prediction.json");
        return ExitCode.Done;
    }
}
