using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>
/// The checkout that the tests were built in. Found from where they run, since source paths are rewritten in a
/// deterministic build.
/// </summary>
internal static class Repository
{
    private const string Solution = "Microsoft.ML.DrSeg.sln";

    public static string Root { get; } = Find(TestContext.CurrentContext.TestDirectory);

    private static string Find(string? folder)
    {
        var start = folder;
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, Solution)))
                return folder;
        throw new DirectoryNotFoundException($"No folder above '{start}' holds {Solution}: run the tests where they were built.");
    }
}
