namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Finds the checkpoint that a file stands on, where it was or, on another machine, in a folder that the environment names.</summary>
internal static class BasePath
{
    /// <summary>The variable that names the folder to look in.</summary>
    public const string Variable = "DRSEG_MODELS";

    /// <summary>Where a checkpoint is, which is the one that it was.</summary>
    /// <param name="path">Where it was.</param>
    /// <param name="identity">What it was.</param>
    /// <exception cref="InvalidDataException">It is nowhere, or something else is there.</exception>
    public static BaseLocation Find(string path, string identity)
    {
        string? elsewhere = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
            ? Path.Combine(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(path)))
            : null;
        string found = new[] { path, elsewhere }.FirstOrDefault(place => place is not null && (Directory.Exists(place) || File.Exists(place)))
            ?? throw new InvalidDataException($"The model stands on '{path}', which is not there. Put it there, or set {Variable} to the folder that holds '{Path.GetFileName(path)}'.");
        return BaseIdentity.Of(found) == identity
            ? new BaseLocation(found, identity)
            : throw new InvalidDataException($"The model stands on the checkpoint that was '{path}'; '{found}' is another one. What was trained fits that checkpoint alone: give it back its place, or set {Variable} to the folder that holds it.");
    }
}

/// <summary>Where a checkpoint is.</summary>
/// <param name="Path">A folder or a file.</param>
/// <param name="KnownIdentity">Its <see cref="BaseIdentity"/>, which takes reading from all over its files; null where nobody has asked yet.</param>
internal readonly record struct BaseLocation(string Path, string? KnownIdentity = null)
{
    public string Identity() => KnownIdentity ?? BaseIdentity.Of(Path);
}
