using System.Text.Json.Nodes;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>What a run has left in its folder.</summary>
internal static class WrittenRun
{
    /// <summary>The lines of a log without the one field that may differ between runs.</summary>
    public static string[] LogLines(string folder) => [.. File.ReadAllLines(Path.Combine(folder, "log.jsonl")).Select(line =>
    {
        JsonNode node = JsonNode.Parse(line)!;
        (node["step"] as JsonObject)?.Remove("timing");
        return node.ToJsonString();
    })];

    public static string[] Checkpoints(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(folder, "checkpoints")).Select(file => Path.GetFileName(file)!).Order()];

    public static byte[] LastCheckpoint(string folder) => File.ReadAllBytes(Path.Combine(folder, "checkpoints", Checkpoints(folder)[^1]));
}
