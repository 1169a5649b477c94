namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How large an adapter is and how much it weighs.</summary>
/// <param name="Rank">Of its factors, at least 1.</param>
/// <param name="Alpha">Its weight, above 0: the product of its factors is multiplied by alpha / rank.</param>
/// <param name="RankStabilised">Whether it is multiplied by alpha / √rank instead (Kalajdzievski 2023, "rsLoRA").</param>
internal sealed record LoraSettings(int Rank, double Alpha, bool RankStabilised = false)
{
    /// <summary>What the product of the factors is multiplied by.</summary>
    public double Scale => Alpha / (RankStabilised ? Math.Sqrt(Rank) : Rank);
}
