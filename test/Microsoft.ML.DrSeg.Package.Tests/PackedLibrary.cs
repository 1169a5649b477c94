using System.Reflection;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests;

/// <summary>
/// The library as its users get it: packed from this build into a folder that serves as a feed. It is extracted into a folder of
/// its own, so that the user's package cache neither gets it nor answers with an older build of the same version; every other
/// package is taken from that cache where it is there.
/// </summary>
[SetUpFixture]
public sealed class PackedLibrary
{
    private const string Name = "Microsoft.ML.DrSeg";

    private static readonly string[] Packages = [Name, $"{Name}.Compact", $"{Name}.Mpi", $"{Name}.Scenes"];

    private static TemporaryFolder? _folder;

    /// <summary>Where everything is made, deleted in the end.</summary>
    internal static string Folder => _folder!.Path;

    /// <summary>The folder that the package is served from.</summary>
    internal static string Feed => Path.Combine(Folder, "feed");

    /// <summary>Where it is extracted.</summary>
    internal static string Extracted => Path.Combine(Folder, "packages");

    /// <summary>The user's package cache.</summary>
    internal static string Cache { get; private set; } = "";

    /// <summary>The library's package.</summary>
    internal static string File => Path.Combine(Feed, $"{Name}.{Version}.nupkg");

    /// <summary>A program that refers to it.</summary>
    internal static ConsumerProgram Consumer { get; private set; } = null!;

    internal static string Version { get; } = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The versions that the library is built with, by package.</summary>
    internal static IReadOnlyDictionary<string, string> PinnedVersions { get; } = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);

    [OneTimeSetUp]
    public void PackAndInstall()
    {
        _folder = new TemporaryFolder();
        string configuration = typeof(PackedLibrary).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        foreach (string package in Packages)
            DotnetCommand.Succeed(Repository.Root, "pack", Path.Combine("src", package), "-c", configuration, "--no-build", "-o", Feed);
        Cache = DotnetCommand.Succeed(Folder, "nuget", "locals", "global-packages", "--list").Split(": ", 2)[1].Trim();
        Extract();
        Consumer = ConsumerProgram.Build("with-torch", PinnedVersions["TorchSharp-cpu"]);
    }

    [OneTimeTearDown]
    public void Delete() => _folder?.Dispose();

    // Once it lies in the folder of extracted packages, it is preferred to what any other folder may have under its name and version.
    private static void Extract()
    {
        System.IO.File.WriteAllText(Path.Combine(Folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Extracted}" /></config>
              <packageSources><add key="packed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><add key="cache" value="{Cache}" /></fallbackPackageFolders>
            </configuration>
            """);
        string project = Directory.CreateDirectory(Path.Combine(Folder, "extract")).FullName;
        System.IO.File.WriteAllText(Path.Combine(project, "extract.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <RestoreFallbackFolders>clear</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(Packages.Select(package => $"<PackageDownload Include=\"{package}\" Version=\"[{Version}]\" />"))}
              </ItemGroup>
            </Project>
            """);
        DotnetCommand.Succeed(project, "restore");
    }
}
