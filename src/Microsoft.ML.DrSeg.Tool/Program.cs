using System.CommandLine;
using Microsoft.ML.DrSeg.Tool;

// One clear line for what the user can mend; anything else is a defect and keeps its trace.
var root = new RootCommand("Dr. Seg for .NET: train and compare visual language models for segmentation.")
{
    DemoCommand.Create(),
    PretrainCommand.Create(),
    StudyCommand.Create(),
    AblateCommand.Create(),
    ComposeCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("drseg: cancelled");
    return 130;
}
catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"drseg: {error.Message.ReplaceLineEndings(" ")}");
    return 1;
}
