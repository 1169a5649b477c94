using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;


namespace Microsoft.ML.DrSeg.Training;

/// <summary>How often the policy answers held-out rows while it trains, one greedy answer each, so that nothing is drawn; and when that ends training.</summary>
public sealed record ValidationOptions : IOptionRecord
{
    /// <summary>Every how many steps held-out rows are answered, at least 1; once more at the end.</summary>
    [Range(1, int.MaxValue)]
    public int EveryNSteps { get; init; } = 50;

    /// <summary>After how many validations in a row without a better gIoU training stops, at least 0; 0 never stops early.</summary>
    [Range(0, int.MaxValue)]
    public int Patience { get; init; }

    /// <summary>By how much a gIoU must exceed the best to count as better, at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double SmallestGain { get; init; }
}
