using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>Sorts objects by their coordinates, so that it does not matter in which order they were listed.</summary>
internal static class CoordinateOrder
{
    /// <param name="objects">The objects; their coordinates are numbers.</param>
    /// <param name="indices">Receives the index of the object that comes first, then of the second, and so on; as long as the objects.</param>
    public static void Find(ReadOnlySpan<SegmentedObject> objects, Span<int> indices)
    {
        // By insertion: an answer has a few objects, and where there are many, matching them compares every pair anyway.
        for (var i = 0; i < objects.Length; i++)
        {
            var place = i;
            for (; place > 0 && Compare(objects[indices[place - 1]], objects[i]) > 0; place--)
                indices[place] = indices[place - 1];
            indices[place] = i;
        }
    }

    private static int Compare(in SegmentedObject a, in SegmentedObject b)
    {
        var order = a.Box.X0.CompareTo(b.Box.X0);
        if (order == 0) order = a.Box.Y0.CompareTo(b.Box.Y0);
        if (order == 0) order = a.Box.X1.CompareTo(b.Box.X1);
        if (order == 0) order = a.Box.Y1.CompareTo(b.Box.Y1);
        if (order == 0) order = a.Point.X.CompareTo(b.Point.X);
        if (order == 0) order = a.Point.Y.CompareTo(b.Point.Y);
        return order;
    }
}
