using Microsoft.ML.DrSeg.Tests;

namespace Microsoft.ML.DrSeg.Package.Tests;

/// <summary>The program in <c>Consumer</c>, built away from this repository, with nothing of ours but the package.</summary>
internal sealed class ConsumerProgram
{
    private const string Configuration = "Release";

    private readonly string _folder;

    private ConsumerProgram(string folder, string buildOutput) => (_folder, BuildOutput) = (folder, buildOutput);

    /// <summary>What restoring and building it printed.</summary>
    public string BuildOutput { get; }

    /// <summary>Where its native libraries lie.</summary>
    public string NativeFolder => Path.Combine(OutputFolder, "runtimes", "linux-x64", "native");

    /// <summary>Whether it was given a loosened copy of TorchSharp's library, as this machine would not load the original.</summary>
    public bool IsLoosened => Directory.Exists(Path.Combine(_folder, "obj", Configuration, "net10.0", "loosened"));

    private string OutputFolder => Path.Combine(_folder, "bin", Configuration, "net10.0");

    /// <summary>Builds it in a folder of its own.</summary>
    /// <param name="name">The folder's name.</param>
    /// <param name="torchVersion">The version of TorchSharp-cpu; empty for a program without it.</param>
    /// <exception cref="InvalidOperationException">It does not restore or build; the message says why.</exception>
    public static ConsumerProgram Build(string name, string torchVersion)
    {
        string folder = Directory.CreateDirectory(Path.Combine(PackedLibrary.Folder, name)).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "test", "Microsoft.ML.DrSeg.Package.Tests", "Consumer")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        // Links instead of copies of a gigabyte, as libtorch for every kind of machine is put into the output.
        string output = DotnetCommand.Succeed(folder, "build", "-c", Configuration, $"-p:DrSegVersion={PackedLibrary.Version}", $"-p:TorchSharpVersion={torchVersion}",
            "-p:CreateHardLinksForCopyLocalIfPossible=true", "-p:CreateHardLinksForCopyFilesToOutputDirectoryIfPossible=true");
        return new(folder, output);
    }

    /// <summary>Runs it.</summary>
    public (int Code, string Output, string Errors) Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>Runs it where nobody has a package cache, in which TorchSharp looks for what a program does not bring along.</summary>
    public (int Code, string Output, string Errors) RunWithoutPackageCache(params string[] arguments) =>
        Run(new Dictionary<string, string> { ["NUGET_PACKAGES"] = Directory.CreateDirectory(Path.Combine(PackedLibrary.Folder, "no-cache")).FullName }, arguments);

    private (int Code, string Output, string Errors) Run(Dictionary<string, string> environment, string[] arguments) =>
        DotnetCommand.Run(_folder, environment, [Path.Combine(OutputFolder, "Consumer.dll"), .. arguments]);
}
