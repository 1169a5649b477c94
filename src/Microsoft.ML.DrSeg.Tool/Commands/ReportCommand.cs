using System.CommandLine;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg report</c>: writes the report of a run from its log, also while the run goes on or after it broke off.</summary>
internal static class ReportCommand
{
    public static System.CommandLine.Command Create()
    {
        Argument<string> folder = new("run") { Description = "Folder of the run" };
        var command = new System.CommandLine.Command("report", "Write report.html of a run: finished, running or broken off.") { folder };
        command.SetAction(arguments =>
        {
            Console.WriteLine($"Report: {Path.GetFullPath(TrainingReport.Write(arguments.GetValue(folder)!))}");
            return ExitCode.Done;
        });
        return command;
    }
}
