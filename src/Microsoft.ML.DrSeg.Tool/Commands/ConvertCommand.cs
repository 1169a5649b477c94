using System.CommandLine;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg data convert</c>: writes COCO's instances from a data set of any layout.</summary>
internal static class ConvertCommand
{
    public static System.CommandLine.Command Create()
    {
        var data = new DataSetArguments();
        Option<string?> output = ValueOption.Create<string?>("--out", "Folder to write; it must not exist yet, or be empty", null);
        output.Required = true;
        var convert = new System.CommandLine.Command("convert", "Write a data set of any layout as COCO's instances: images/ and instances.json.") { output };
        data.AddTo(convert);
        convert.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            SegmentationDataSet from = data.Open(arguments, includeAbsent: true);
            (int images, int annotations) = CocoConversion.Write(from, arguments.GetValue(output)!, cancellation);
            Console.WriteLine($"Wrote {images} images and {annotations} annotations of layout {from.Layout} to {Path.GetFullPath(arguments.GetValue(output)!)}");
            DataSetNotes.Print(from);
            return ExitCode.Done;
        }));
        return convert;
    }
}
