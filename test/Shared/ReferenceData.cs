using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>Data that are not in the checkout: real photographs, and rewards by the paper's own code.</summary>
internal static class ReferenceData
{
    private const string Variable = "DRSEG_TEST_DATA";

    /// <summary>A file or folder of theirs. Where the variable does not say where they are, the test that asks is passed over.</summary>
    public static string PathTo(params string[] parts)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder)) Assert.Ignore($"{Variable} does not name the folder that holds {string.Join('/', parts)}.");
        return Path.Combine([folder!, .. parts]);
    }
}
