using System.CommandLine;
using Microsoft.ML.DrSeg.Tool;
using Microsoft.ML.DrSeg.Training;

// One clear line for what the user can mend; anything else is a defect and keeps its trace.
var root = new RootCommand("Dr. Seg for .NET: train and compare visual language models for segmentation.")
{
    DemoCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    PredictCommand.Create(),
    ReportCommand.Create(),
    PretrainCommand.Create(),
    StudyCommand.Create(),
    AblateCommand.Create(),
    VarianceCommand.Create(),
    new System.CommandLine.Command("data", "Work with data sets.") { ComposeCommand.Create(), InspectCommand.Create() },
};
ParseResult parsed = root.Parse(args);
using var interruption = new Interruption();
try
{
    // Whoever finishes a step first needs longer than the default two seconds.
    int code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
    return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
}
catch (OperationCanceledException cancelled)
{
    Console.Error.WriteLine($"drseg: cancelled. {(cancelled is TaskCanceledException ? "" : cancelled.Message)}".TrimEnd());
    return ExitCode.Cancelled;
}
catch (TrainingDivergedException error)
{
    Console.Error.WriteLine($"drseg: {error.Message.ReplaceLineEndings(" ")}");
    return ExitCode.Diverged;
}
catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"drseg: {error.Message.ReplaceLineEndings(" ")}");
    return ExitCode.Failed;
}
