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

    /// <summary>How many cores compute an answer together. More than one are worth it only where few are answered at once: where answers share cores, they wait for each other.</summary>
    public int CoresAnAnswer { get; init; } = 1;

    /// <summary>How many more requests may be sending or waiting, each with a file in memory; those beyond are sent away at once.</summary>
    public int Waiting { get; init; } = 32;

    /// <exception cref="InvalidOperationException">A limit lets nobody in, or everybody; the message names it.</exception>
    public ServerLimits Checked()
    {
        const int Most = 1_000_000;
        Require(FileBytes >= 1, nameof(FileBytes), FileBytes, "at least 1");
        Require(Pixels >= 1, nameof(Pixels), Pixels, "at least 1");
        Require(QueryLength >= 1, nameof(QueryLength), QueryLength, "at least 1");
        Require(Time > TimeSpan.Zero, nameof(Time), Time, "above 0");
        Require(AtOnce is >= 1 and <= Most, nameof(AtOnce), AtOnce, $"1 to {Most}");
        Require(CoresAnAnswer >= 1, nameof(CoresAnAnswer), CoresAnAnswer, "at least 1");
        Require(Waiting is >= 0 and <= Most, nameof(Waiting), Waiting, $"0 to {Most}");
        return this;
    }

    private static void Require(bool holds, string limit, object value, string range)
    {
        if (!holds)
            throw new InvalidOperationException($"Limits:{limit} is {value}; it must be {range}.");
    }
}
