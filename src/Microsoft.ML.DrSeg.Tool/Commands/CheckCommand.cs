using System.CommandLine;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Qwen;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg check MODEL DATA</c>: says in seconds what a training with a real model would meet. No weight is loaded.</summary>
internal static class CheckCommand
{
    public static System.CommandLine.Command Create()
    {
        Argument<string> model = new("model") { Description = "Folder of a Qwen2.5-VL, Qwen2-VL or Qwen3-VL in Hugging Face's layout" };
        Argument<string> data = new("data") { Description = "Data set of any layout: a folder or an annotation file" };
        var settings = new SettingsOptions<CheckSettings>();
        var command = new System.CommandLine.Command("check", "Print what a training with a real model would meet: lengths, memory, what is trained, and whether the truth survives the way of an answer.") { model, data };
        settings.AddTo(command);
        command.SetAction((arguments, cancellation) => Task.Run(
            () => Run(arguments.GetValue(model)!, arguments.GetValue(data)!, settings.Read(arguments, defaults: CheckSettings.DefaultsOf), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string model, string data, CheckSettings settings, CancellationToken cancellation)
    {
        OptionReading.Require(settings);
        string segmenter = settings.RealModel.Sam ?? throw new ArgumentException("'drseg check' needs --sam, the folder or file of SAM 2: its sizes are a part of the memory.");
        QwenModelOptions options = settings.RealModel.ToOptions();
        SegmentationDataSet rows = DataSetFinder.Open(data, new() { ImageFolder = settings.Images, Skipped = settings.SkipBadRows ? new() : null });
        QwenCheck check = QwenModel.Check(model, segmenter, rows, options, settings.ToTraining(), settings.Rows, cancellation);
        CheckReport.Print(check, options);
        DataSetNotes.Print(rows);
        string[] faults = [.. Faults(check, settings)];
        if (check.Pictures.Count > 0)
        {
            ContactSheet.Tiles([.. check.Pictures.Select(seen => seen.Image)]).Save(settings.Picture);
            Console.WriteLine($"picture     {Path.GetFullPath(settings.Picture)}: {string.Join(", ", check.Pictures.Select(seen => seen.Query))}");
        }
        return faults.Length == 0 ? ExitCode.Done : throw new InvalidDataException(string.Join(" ", faults));
    }

    private static IEnumerable<string> Faults(QwenCheck check, CheckSettings settings)
    {
        if (check.FailedRows > 0) yield return $"{check.FailedRows} of {check.Rows} rows fail.";
        if (check.FrameSuspicion is { } suspicion) yield return suspicion;
        if ((settings.MemoryGb * 1e9 ?? GpuMemory.Of(settings.Gpu)) is { } memory && CheckReport.PrintDevice(check, memory) is { } shortage) yield return shortage;
    }
}
