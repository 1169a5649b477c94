using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A run that is written down: checkpoints to resume from, a log of JSON lines, TensorBoard events, pictures of sample
/// answers and a report, all in one folder.
/// </summary>
/// <param name="Folder">The folder; made when it is missing. One run at a time writes to it.</param>
public sealed record RunOptions(string Folder)
{
    /// <summary>Every how many steps a checkpoint is written, at least 1; one more at the end, at cancellation and at each best validation.</summary>
    public int CheckpointEveryNSteps { get; init; } = 100;

    /// <summary>How many of the last checkpoints are kept, at least 1; the best by validation is kept besides.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>
    /// Whether to go on from the newest checkpoint of the folder, where there is one; the options that training depends on
    /// must be those it was written with. Without it a folder that holds a run is refused, so that none is overwritten.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Every how many steps a picture of sample answers is drawn, at least 0; 0 for none.</summary>
    public int SampleEveryNSteps { get; init; }

    /// <summary>Whether TensorBoard event files are written.</summary>
    public bool TensorBoard { get; init; } = true;

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Folder)) throw new ArgumentException("Run.Folder must name a folder; it is empty.", nameof(Folder));
        Require(CheckpointEveryNSteps >= 1, $"Run.{nameof(CheckpointEveryNSteps)}", CheckpointEveryNSteps, "at least 1");
        Require(KeepCheckpoints >= 1, $"Run.{nameof(KeepCheckpoints)}", KeepCheckpoints, "at least 1");
        Require(SampleEveryNSteps >= 0, $"Run.{nameof(SampleEveryNSteps)}", SampleEveryNSteps, "at least 0");
    }
}
