using System.Text.Json;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What a declared option is called on the command line and in files.</summary>
internal static class OptionNames
{
    // Beside options of other parts their own names would say too little.
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["Run.Folder"] = "Out",
        ["Validation.EveryNSteps"] = "ValidateEveryNSteps",
    };

    /// <summary>As "--learning-rate".</summary>
    /// <param name="declared">The name that the library gives it, such as "LearningRate" or "Run.KeepCheckpoints".</param>
    public static string OnCommandLine(string declared) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(Short(declared));

    /// <summary>As "learningRate".</summary>
    /// <param name="declared">The name that the library gives it.</param>
    public static string InFile(string declared) => JsonNamingPolicy.CamelCase.ConvertName(Short(declared));

    private static string Short(string declared) => Others.GetValueOrDefault(declared) ?? declared[(declared.LastIndexOf('.') + 1)..];
}
