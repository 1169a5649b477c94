using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.PackageManagement;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>
/// Runs a notebook with the C# kernel of .NET Interactive: these tests' own entry point. It is a process of its own since
/// native libraries are found by variables that a process has from its start, and since each notebook begins with nothing loaded.
/// </summary>
internal static class KernelProcess
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [string feed, string path, string result])
        {
            Console.Error.WriteLine("Usage: FEED NOTEBOOK RESULT. The tests start this; run them with 'dotnet test'.");
            return 2;
        }
        var notebook = NotebookDocument.Load(path);
        using CompositeKernel kernel = CreateKernel();
        await kernel.SendAsync(new SubmitCode($"#i \"nuget:{feed}\""));
        foreach ((int index, var cell) in notebook.CodeCells.Index())
        {
            long started = Stopwatch.GetTimestamp();
            KernelCommandResult ran = await kernel.SendAsync(new SubmitCode(cell.Contents));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cell {index + 1}: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
            if (ran.Events.OfType<CommandFailed>().FirstOrDefault() is { } failure)
            {
                Console.Error.WriteLine($"Cell {index + 1}: {failure.Message}");
                return 1;
            }
            cell.ExecutionOrder = index + 1;
            cell.Outputs.Clear();
            cell.Outputs.AddRange(CellOutputs.Of(ran.Events, index + 1));
        }
        notebook.Save(result);
        return 0;
    }

    /// <summary>Runs a notebook in a new process, where a front end would: in its folder.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="result">Where it is written with what its cells gave.</param>
    /// <returns>The exit code, and all that was printed.</returns>
    public static (int Code, string Output, string Errors) Run(string path, string result)
    {
        var environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = PackedLibrary.Extracted,
            ["RestoreFallbackFolders"] = PackedLibrary.Cache,
            // Other tests run beside this: threads of libtorch that wait do not keep the cores.
            ["OMP_WAIT_POLICY"] = "PASSIVE",
        };
        // As docs/guides/mlnet.md tells people whose distribution is as old.
        if (PackedLibrary.Consumer.IsLoosened)
            environment["LD_LIBRARY_PATH"] = PackedLibrary.Consumer.NativeFolder;
        return DotnetCommand.Run(Path.GetDirectoryName(path)!, environment, Assembly.GetExecutingAssembly().Location, PackedLibrary.Feed, path, result);
    }

    // The parts that the front ends of .NET Interactive give their C# kernel and these notebooks need.
    private static CompositeKernel CreateKernel()
    {
        CSharpKernel csharp = new CSharpKernel()
            .UseNugetDirective((kernel, packages) =>
            {
                kernel.AddAssemblyReferences(packages.SelectMany(package => package.AssemblyPaths));
                return Task.CompletedTask;
            })
            .UseKernelHelpers();
        return new CompositeKernel { csharp };
    }
}
