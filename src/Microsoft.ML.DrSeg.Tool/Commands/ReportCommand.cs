using System.CommandLine;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg report</c>: writes the report of a run from its log, also while the run goes on or after it broke off; of several runs one that compares them.</summary>
internal static class ReportCommand
{
    private const string Comparison = "comparison.html";

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> folders = new("run") { Description = "Folder of the run; several to compare them", Arity = ArgumentArity.OneOrMore };
        Option<string?> output = ValueOption.Create<string?>("--out", $"File of the report; none for report.html in the run's folder, or {Comparison} here for several runs", null);
        var command = new System.CommandLine.Command("report", "Write report.html of a run: finished, running or broken off; or a comparison of several runs.") { folders, output };
        command.SetAction(arguments =>
        {
            string[] runs = arguments.GetValue(folders)!;
            string path = arguments.GetValue(output) ?? (runs.Length == 1 ? Path.Combine(runs[0], RunFolder.ReportFile) : Comparison);
            if (runs.Length == 1)
                TrainingReport.Write(runs[0], path);
            else
                RunComparison.Write(runs, path);
            Console.WriteLine($"Report: {Path.GetFullPath(path)}");
            return ExitCode.Done;
        });
        return command;
    }
}
