using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;


namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A run that is written down: checkpoints to resume from, a log of JSON lines, TensorBoard events, pictures of sample
/// answers and a report, all in one folder.
/// </summary>
/// <param name="Folder">Folder of the run, made when it is missing. One run at a time writes to it.</param>
public sealed record RunOptions(string Folder) : IOptionRecord
{
    /// <summary>Every how many steps a checkpoint is written, at least 1; one more at the end, at cancellation and at each best validation.</summary>
    [Range(1, int.MaxValue)]
    public int CheckpointEveryNSteps { get; init; } = 100;

    /// <summary>How many of the last checkpoints are kept, at least 1; the best by validation is kept besides.</summary>
    [Range(1, int.MaxValue)]
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>
    /// Whether to go on from the newest checkpoint of the folder, where there is one. The options that training depends on
    /// must be those it was written with, but that there may be more steps: a finished run goes on then, and the learning rate is
    /// what the schedule of that many steps has where the run stands, which after a schedule that fell to 0 is a jump. Without it a folder that holds a run is refused, so that none is overwritten.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Every how many steps a picture of sample answers is drawn, at least 0; 0 for none.</summary>
    [Range(0, int.MaxValue)]
    public int SampleEveryNSteps { get; init; } = 50;

    /// <summary>Whether TensorBoard event files are written.</summary>
    public bool TensorBoard { get; init; } = true;

    void IOptionRecord.RequireTogether(string prefix) => OptionChecks.RequireText(Folder, $"{prefix}{nameof(Folder)}", "a folder");
}
