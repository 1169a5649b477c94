using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Held-out rows that the policy answers while it trains: one greedy answer each, so that nothing is drawn.</summary>
/// <param name="Data">Rows with the columns of the training data.</param>
public sealed record ValidationOptions(IDataView Data)
{
    /// <summary>Every how many steps, at least 1; once more at the end.</summary>
    public int EveryNSteps { get; init; } = 50;

    /// <summary>After how many validations in a row without a better gIoU training stops, at least 0; 0 never stops early.</summary>
    public int Patience { get; init; }

    /// <summary>By how much a gIoU must exceed the best to count as better, at least 0.</summary>
    public double SmallestGain { get; init; }

    internal void Validate()
    {
        if (Data is null) throw new ArgumentException("Validation.Data must hold rows; it is null.", nameof(Data));
        Require(EveryNSteps >= 1, $"Validation.{nameof(EveryNSteps)}", EveryNSteps, "at least 1");
        Require(Patience >= 0, $"Validation.{nameof(Patience)}", Patience, "at least 0");
        Require(SmallestGain >= 0 && double.IsFinite(SmallestGain), $"Validation.{nameof(SmallestGain)}", SmallestGain, "at least 0 and finite");
    }
}
