namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Where the reference models, inputs and outputs lie.</summary>
internal static class Reference
{
    /// <summary>The path of a file or folder beside the tests.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "References", name);
}
