namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>Checks the sizes of groups: candidates are laid out group after group, and the sizes must add up to their number.</summary>
internal static class GroupSizes
{
    public static void Check(ReadOnlySpan<int> groupSizes, int candidates, int results)
    {
        if (results != candidates)
            throw new ArgumentException($"There is room for {results} results, but {candidates} candidates; both must be of one length.");
        var total = 0L;
        for (var i = 0; i < groupSizes.Length; i++)
        {
            if (groupSizes[i] <= 0)
                throw new ArgumentException($"Group {i} has {groupSizes[i]} candidates; every group needs at least one.", nameof(groupSizes));
            total += groupSizes[i];
        }
        if (total != candidates)
            throw new ArgumentException($"The groups have {total} candidates together, but {candidates} were given.", nameof(groupSizes));
    }
}
