using System.CommandLine;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>How <c>drseg data</c> is told which data set is meant, and how to read it.</summary>
internal sealed class DataSetArguments
{
    private readonly Argument<string> _path = new("path") { Description = "Folder of a data set, or an annotation file" };
    private readonly Option<string> _layout = ComposeCommand.LayoutOption(byDefault: null);
    private readonly Option<string?> _split = ValueOption.Create<string?>("--split", "Part of the data set, where there are several", null);
    private readonly Option<string?> _images = ValueOption.Create<string?>("--images", "Folder of the images, where it is not where the layout has it", null);
    private readonly Option<bool> _skip = new("--skip-bad-rows", "--skip-bad") { Description = "Leave damaged rows out and count them, instead of stopping at the first one" };

    public void AddTo(System.CommandLine.Command command)
    {
        command.Add(_path);
        command.Add(_layout);
        command.Add(_split);
        command.Add(_images);
        command.Add(_skip);
    }

    public SegmentationDataSet Open(ParseResult arguments, bool includeAbsent)
    {
        var options = new DataSetOptions
        {
            Split = arguments.GetValue(_split),
            ImageFolder = arguments.GetValue(_images),
            IncludeAbsent = includeAbsent,
            Skipped = arguments.GetValue(_skip) ? new SkippedRows() : null,
        };
        return DataSetFinder.Open(arguments.GetValue(_path)!, options, arguments.GetValue(_layout) is { } name ? ComposeCommand.LayoutOf(name) : null);
    }
}
