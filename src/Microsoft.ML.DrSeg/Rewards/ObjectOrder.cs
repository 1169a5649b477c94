using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The order of objects by their coordinates, then by their masks: only equal objects share a place in it.</summary>
/// <remarks>Keeps its workspace; use one on each thread.</remarks>
internal sealed class ObjectOrder
{
    private const int Few = 16;
    private static readonly Comparer<SegmentedObject> ByCoordinates = Comparer<SegmentedObject>.Create((a, b) => Compare(a, b));

    private SegmentedObject[] _sorted = [];

    /// <summary>Finds the order of objects.</summary>
    /// <param name="objects">The objects; their coordinates are numbers.</param>
    /// <param name="at">Receives where the first object in order stands, then the second, and so on; at least as long.</param>
    public void Find(ReadOnlySpan<SegmentedObject> objects, Span<int> at)
    {
        if (objects.Length <= Few)
            FindOfFew(objects, at);
        else
            FindOfMany(objects, at);
    }

    // The place of an object is how many come before it. Answers mostly have a few objects, in an order that no branch foretells.
    private static void FindOfFew(ReadOnlySpan<SegmentedObject> objects, Span<int> at)
    {
        Span<int> places = stackalloc int[Few];
        for (var i = 1; i < objects.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                float one = objects[i].Box.X0, other = objects[j].Box.X0;
                var later = one > other ? 1 : 0;
                if (one == other)
                    later = Compare(objects[i], objects[j]) >= 0 ? 1 : 0;
                places[i] += later;
                places[j] += 1 - later;
            }
        }
        for (var i = 0; i < objects.Length; i++)
            at[places[i]] = i;
    }

    private void FindOfMany(ReadOnlySpan<SegmentedObject> objects, Span<int> at)
    {
        at = at[..objects.Length];
        for (var i = 0; i < at.Length; i++)
            at[i] = i;
        if (_sorted.Length < objects.Length)
            _sorted = new SegmentedObject[objects.Length];
        objects.CopyTo(_sorted);
        _sorted.AsSpan(0, objects.Length).Sort(at, ByCoordinates);
    }

    private static int Compare(in SegmentedObject a, in SegmentedObject b)
    {
        var order = a.Box.X0.CompareTo(b.Box.X0);
        if (order == 0) order = a.Box.Y0.CompareTo(b.Box.Y0);
        if (order == 0) order = a.Box.X1.CompareTo(b.Box.X1);
        if (order == 0) order = a.Box.Y1.CompareTo(b.Box.Y1);
        if (order == 0) order = a.Point.X.CompareTo(b.Point.X);
        if (order == 0) order = a.Point.Y.CompareTo(b.Point.Y);
        return order != 0 ? order : SegmentationMask.Compare(a.Mask, b.Mask);
    }
}
