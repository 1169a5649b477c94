namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What the tool's process ends with; told in docs/guides/training.md.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>Something that the user can mend went wrong; one line on the error stream says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not well formed.</summary>
    public const int Usage = 2;

    /// <summary>Training met a score, loss or gradient that is not finite.</summary>
    public const int Diverged = 3;

    /// <summary>Stopped by Ctrl-C or a signal; a training run has written a checkpoint.</summary>
    public const int Cancelled = 130;
}
