namespace Microsoft.ML.DrSeg.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("drseg-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string[] Files => [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetRelativePath(Path, file))];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
