using System.Diagnostics;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests;

/// <summary>Runs <c>dotnet</c> as a user would at a prompt.</summary>
internal static class DotnetCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">Where it is run.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="arguments">What follows <c>dotnet</c>.</param>
    /// <returns>The exit code, and all that it printed.</returns>
    public static (int Code, string Output, string Errors) Run(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // A build that left a server behind would keep the two streams open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'dotnet {string.Join(' ', arguments)}' was not done after {Patience}.");
        }
        return (process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Runs what has to succeed.</summary>
    /// <returns>All that it printed.</returns>
    public static string Succeed(string folder, params string[] arguments)
    {
        (int code, string output, string errors) = Run(folder, new Dictionary<string, string>(), arguments);
        return code == 0 ? output : throw new InvalidOperationException($"'dotnet {string.Join(' ', arguments)}' ended with code {code}:{Environment.NewLine}{output}{errors}");
    }
}
