namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>What the difference between a reward and its group's mean is divided by.</summary>
public enum AdvantageScaling
{
    /// <summary>Nothing (Dr. GRPO, arXiv 2503.20783).</summary>
    None,

    /// <summary>The standard deviation of the group (GRPO, arXiv 2402.03300).</summary>
    Group,

    /// <summary>The standard deviation of all rewards of the step.</summary>
    Batch,
}

/// <summary>
/// Group-relative advantages: how much better a candidate is than the other answers to its query,
/// <c>(r - mean) / (std + 1e-4)</c> (GRPO, arXiv 2402.03300, section 4.1).
/// </summary>
public static class GroupAdvantages
{
    private const double Epsilon = 1e-4;

    /// <summary>A group whose rewards spread no more than this (largest less smallest) has nothing to teach.</summary>
    public const float ZeroSpreadTolerance = 1e-6f;

    /// <summary>Turns rewards into advantages.</summary>
    /// <param name="rewards">One reward a candidate, group after group.</param>
    /// <param name="groupSizes">How many candidates each group has.</param>
    /// <param name="scaling">What the differences are divided by; standard deviations are those of a sample (n - 1).</param>
    /// <param name="advantages">Receives the advantages: mean 0 in every group, exactly 0 in a group without spread.</param>
    /// <returns>The number of groups without spread, which carry no signal.</returns>
    /// <exception cref="ArgumentException">Lengths do not agree, or a reward is not finite.</exception>
    public static int Compute(ReadOnlySpan<float> rewards, ReadOnlySpan<int> groupSizes, AdvantageScaling scaling, Span<float> advantages)
    {
        if (!Enum.IsDefined(scaling))
            throw new ArgumentOutOfRangeException(nameof(scaling), scaling, "Not a scaling of advantages.");
        GroupSizes.Check(groupSizes, rewards.Length, advantages.Length);
        for (var i = 0; i < rewards.Length; i++)
        {
            if (!float.IsFinite(rewards[i]))
                throw new ArgumentException($"Reward {i} is {rewards[i]}; only finite rewards give advantages.", nameof(rewards));
        }

        var batchDivisor = scaling == AdvantageScaling.Batch ? StandardDeviation(rewards, Mean(rewards)) + Epsilon : 1;
        var (start, withoutSpread) = (0, 0);
        foreach (var size in groupSizes)
        {
            var group = rewards.Slice(start, size);
            var target = advantages.Slice(start, size);
            start += size;
            if (Range(group) <= ZeroSpreadTolerance)
            {
                target.Clear();
                withoutSpread++;
                continue;
            }
            var mean = Mean(group);
            var divisor = scaling == AdvantageScaling.Group ? StandardDeviation(group, mean) + Epsilon : batchDivisor;
            for (var i = 0; i < size; i++)
                target[i] = (float)((group[i] - mean) / divisor);
        }
        return withoutSpread;
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }

    private static double StandardDeviation(ReadOnlySpan<float> values, double mean)
    {
        var squares = 0.0;
        foreach (var value in values)
            squares += (value - mean) * (value - mean);
        return values.Length < 2 ? 0 : Math.Sqrt(squares / (values.Length - 1));
    }

    private static float Range(ReadOnlySpan<float> values)
    {
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in values)
        {
            least = Math.Min(least, value);
            most = Math.Max(most, value);
        }
        return most - least;
    }
}
