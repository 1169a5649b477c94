namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>The nouns of the reviewed table of Debian's cut-outs: what the default models know.</summary>
internal static class SceneVocabulary
{
    /// <summary>Each noun once, in alphabetical order; a noun's place is its number wherever nouns are numbered.</summary>
    public static IReadOnlyList<string> Nouns { get; } = NounsOf(SceneTables.DebianCutouts);

    internal static IReadOnlyList<string> NounsOf(IEnumerable<CutoutEntry> cutouts) =>
        [.. cutouts.Select(cutout => cutout.Noun).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
