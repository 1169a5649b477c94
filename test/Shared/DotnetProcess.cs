using System.Diagnostics;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>A program of this solution in a process of its own.</summary>
internal static class DotnetProcess
{
    private static readonly string Dotnet = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";

    /// <summary>Starts it, its two streams to be read.</summary>
    public static Process Start(string assembly, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Dotnet, [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs it to its end.</summary>
    public static (int Code, string Output, string Errors) Run(string assembly, params string[] arguments)
    {
        using Process process = Start(assembly, arguments);
        // Both at once: a full stream that nobody reads would hold it up.
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
