using System.CommandLine;
using System.CommandLine.Invocation;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Runs a command line from its arguments to its exit code, and says in one line what the user can mend.</summary>
internal static class CommandLineProgram
{
    /// <summary>What the program is called in its messages.</summary>
    public static string Name { get; private set; } = "drseg";

    public static async Task<int> Run(string name, RootCommand commands, string[] arguments)
    {
        Name = name;
        ParseResult parsed = commands.Parse(arguments);
        if (parsed.Action is ParseErrorAction) return End(ExitCode.Usage, Mistake.Describe(parsed));
        using var interruption = new Interruption();
        // One clear line for what the user can mend; anything else is a defect and keeps its trace: under mpirun it ends the process, and so the job.
        try
        {
            // Whoever finishes a step first needs longer than the default two seconds.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        // Ranks stop together, and the first one says so.
        catch (OperationCanceledException) when (!Ranks.IsFirst)
        {
            return ExitCode.Cancelled;
        }
        catch (OperationCanceledException cancelled)
        {
            return End(ExitCode.Cancelled, $"cancelled. {(cancelled is TaskCanceledException ? "" : cancelled.Message)}".TrimEnd());
        }
        catch (TrainingDivergedException error)
        {
            return End(ExitCode.Diverged, error.Message);
        }
        catch (Exception error) when (IsMendable(error) || error is AggregateException { InnerException: { } inner } && IsMendable(inner))
        {
            // What was done side by side failed on one of many.
            return End(ExitCode.Failed, Mistake.Describe(IsMendable(error) ? error : error.InnerException!, parsed.CommandResult.Command));
        }
    }

    private static bool IsMendable(Exception error) => error is IOException or InvalidDataException or ArgumentException or InvalidOperationException or UnauthorizedAccessException;

    private static int End(int code, string why)
    {
        string line = $"{Name}: {why.ReplaceLineEndings(" ")}";
        Ranks.Abort(code, line);
        Console.Error.WriteLine(line);
        return code;
    }
}
