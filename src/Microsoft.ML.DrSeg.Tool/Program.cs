using System.CommandLine;
using System.CommandLine.Invocation;
using Microsoft.ML.DrSeg.Tool;
using Microsoft.ML.DrSeg.Training;

ParseResult parsed = DrSegCommand.Create().Parse(args);
if (parsed.Action is ParseErrorAction) return End(ExitCode.Usage, Mistake.Describe(parsed));
using var interruption = new Interruption();
// One clear line for what the user can mend; anything else is a defect and keeps its trace.
try
{
    // Whoever finishes a step first needs longer than the default two seconds.
    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
}
catch (OperationCanceledException cancelled)
{
    return End(ExitCode.Cancelled, $"cancelled. {(cancelled is TaskCanceledException ? "" : cancelled.Message)}".TrimEnd());
}
catch (TrainingDivergedException error)
{
    return End(ExitCode.Diverged, error.Message);
}
catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
{
    return End(ExitCode.Failed, Mistake.Describe(error, parsed.CommandResult.Command));
}

static int End(int code, string why)
{
    Console.Error.WriteLine($"drseg: {why.ReplaceLineEndings(" ")}");
    return code;
}
