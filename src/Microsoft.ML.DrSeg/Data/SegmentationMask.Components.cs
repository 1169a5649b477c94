using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Data;

// Connected parts, found on runs: two runs of neighbouring columns touch where their rows meet.
public sealed partial class SegmentationMask
{
    /// <summary>
    /// The largest connected part, pixels being connected to all eight neighbours; of equally large ones the leftmost, then
    /// the uppermost. The mask itself where it is in one piece or empty.
    /// </summary>
    public SegmentationMask LargestComponent()
    {
        List<ColumnRun> runs = [.. ColumnRuns()];
        if (runs.Count < 2)
            return this;
        int[] root = ConnectTouching(CollectionsMarshal.AsSpan(runs));

        var areas = new int[root.Length];
        int largest = 0;
        for (int i = 0; i < root.Length; i++)
            areas[Find(root, i)] += runs[i].End - runs[i].Start;
        for (int i = 1; i < areas.Length; i++)
            if (areas[i] > areas[largest])
                largest = i;
        if (areas[largest] == Area)
            return this;

        var kept = new RunBuilder(runs.Count);
        for (int i = 0; i < runs.Count; i++)
            if (root[i] == largest)
                kept.Add(runs[i].Column * Height + runs[i].Start, runs[i].Column * Height + runs[i].End);
        return new(Width, Height, kept.Build(Width * Height));
    }

    // The first run of the part that each run belongs to: union-find (Tarjan 1975).
    private static int[] ConnectTouching(ReadOnlySpan<ColumnRun> runs)
    {
        int[] root = new int[runs.Length];
        for (int i = 0, left = 0; i < runs.Length; i++)
        {
            root[i] = i;
            // Runs of the column before that end too far up touch neither this run nor a later one of its column.
            while (runs[left].Column < runs[i].Column - 1 || (runs[left].Column == runs[i].Column - 1 && runs[left].End < runs[i].Start))
                left++;
            for (int j = left; j < i && runs[j].Column == runs[i].Column - 1 && runs[j].Start <= runs[i].End; j++)
            {
                int first = Find(root, i), second = Find(root, j);
                root[Math.Max(first, second)] = Math.Min(first, second);
            }
        }
        for (int i = 0; i < root.Length; i++)
            root[i] = Find(root, i);
        return root;
    }

    private static int Find(int[] root, int at)
    {
        while (root[at] != at)
            at = root[at] = root[root[at]];
        return at;
    }

    /// <summary>A run of pixels inside that stays in one column: rows Start to below End.</summary>
    private readonly record struct ColumnRun(int Column, int Start, int End);

    private IEnumerable<ColumnRun> ColumnRuns()
    {
        for (int i = 1; i < _ends.Length; i += 2)
            for (int at = _ends[i - 1]; at < _ends[i];)
            {
                int column = at / Height, top = column * Height, end = Math.Min(_ends[i], top + Height);
                yield return new(column, at - top, end - top);
                at = end;
            }
    }
}
