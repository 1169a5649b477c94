namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The one rule for candidates laid out group after group: the sizes cover the candidates exactly.</summary>
internal static class Groups
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
