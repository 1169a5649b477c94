namespace SegmentationServer;

/// <summary>
/// What the server accepts, from the section "Limits" of its configuration. The defaults let a photograph of a telephone
/// through and keep one caller from taking all memory or time.
/// </summary>
public sealed record ServerLimits
{
    /// <summary>Most bytes of an uploaded file.</summary>
    public int FileBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>Most pixels of an image, known from its header: a small file may unpack to gigabytes.</summary>
    public int Pixels { get; init; } = 16_000_000;

    /// <summary>Longest query, in characters.</summary>
    public int QueryLength { get; init; } = 100;

    /// <summary>Longest time from the first byte of a request to its answer.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many images are decoded and answered at the same time; each holds an engine until it is done, even if nobody waits for it any longer.</summary>
    public int AtOnce { get; init; } = Environment.ProcessorCount;

    /// <summary>How many more requests may be sending or waiting, each with a file in memory; those beyond are sent away at once.</summary>
    public int Waiting { get; init; } = 32;
}
