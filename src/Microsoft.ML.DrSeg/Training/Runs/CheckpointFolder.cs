using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>The checkpoints of a run: the last few, and the best by validation.</summary>
internal sealed class CheckpointFolder
{
    private const string Prefix = "step-";
    private const string Extension = ".drseg";

    private readonly string _folder;
    private readonly int _keep;

    /// <param name="folder">Made when it is missing; what a killed process left half-written in it is removed.</param>
    public CheckpointFolder(string folder, int keep)
    {
        (_folder, _keep) = (folder, keep);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(folder, Prefix + "*" + Extension + AtomicFile.TemporaryExtension))
            File.Delete(file);
    }

    /// <summary>The newest checkpoint; null where there is none.</summary>
    public string? Latest => Files().LastOrDefault();

    public string PathOf(int step) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}{Extension}"));

    /// <summary>Writes a checkpoint, then removes those that are neither among the last nor the best.</summary>
    public void Write(TrainingCheckpoint state, DrSegModel model, IReadOnlyDictionary<string, Tensor> tensors)
    {
        state.Write(PathOf(state.Step), model, tensors);
        string? best = state.Validation.Best is { } found ? PathOf(found.Step) : null;
        foreach (string old in Files().SkipLast(_keep))
            if (old != best) File.Delete(old);
    }

    public (TrainingCheckpoint State, DrSegModel Model, Dictionary<string, (long[] Shape, float[] Values)> Tensors) ReadLatest(Device device)
    {
        string[] files = [.. Files()];
        try
        {
            return TrainingCheckpoint.Read(files[^1], device);
        }
        catch (InvalidDataException error)
        {
            string remedy = files.Length > 1
                ? $"Move it away to resume from the one before it, '{files[^2]}'."
                : "There is none before it: begin again in another folder.";
            throw new InvalidDataException($"{error.Message} {remedy}", error);
        }
    }

    // Steps have at least eight digits, and those that have more come later.
    private IEnumerable<string> Files() =>
        Directory.EnumerateFiles(_folder, Prefix + "*" + Extension).OrderBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal);
}
