namespace Microsoft.ML.DrSeg.Training;

/// <summary>Who is told what happens in a run; null for nobody.</summary>
internal sealed record GrpoRunEvents
{
    /// <summary>Told the step after which the run goes on, where it is resumed.</summary>
    public Action<int>? Resumed { get; init; }

    public Action<GrpoStepMetrics>? Stepped { get; init; }

    public Action<ValidationMetrics>? Validated { get; init; }

    /// <summary>Told, in words and from any thread, what does not end training: a row left out, a log that could not be finished.</summary>
    public Action<string>? Warned { get; init; }
}
