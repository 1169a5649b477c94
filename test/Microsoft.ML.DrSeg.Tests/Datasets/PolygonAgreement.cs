using System.Text;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Masks;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

/// <summary>Compares the polygons of instances with the panoptic segments of the same objects.</summary>
internal static class PolygonAgreement
{
    public sealed record Pair(string Image, string Category, AnnotatedObject Instance, AnnotatedObject Segment, double IntersectionOverUnion);

    /// <summary>Every instance with the segment of its image and category that it overlaps most.</summary>
    public static IReadOnlyList<Pair> Measure(string folder)
    {
        var segments = DataSetFinder.Open(folder, layout: DataSetLayout.CocoPanoptic).Read().ToDictionary(row => (row.ImageId, row.Category.Id), row => row.Objects);
        return [.. DataSetFinder.Open(folder, layout: DataSetLayout.Coco).Read().SelectMany(row => row.Objects.Select(instance =>
            segments[(row.ImageId, row.Category.Id)]
                .Select(segment => new Pair(row.ImageId, row.Query, instance, segment, instance.Mask!.IntersectionOverUnion(segment.Mask!)))
                .MaxBy(pair => pair.IntersectionOverUnion)!))];
    }

    public static string Describe(string folder)
    {
        IReadOnlyList<Pair> pairs = Measure(folder);
        var text = new StringBuilder();
        double[] sorted = [.. pairs.Select(pair => pair.IntersectionOverUnion).Order()];
        text.AppendLine(FormattableString.Invariant($"mean {sorted.Average():F4}; quantiles 0 {sorted[0]:F3}, .01 {sorted[7]:F3}, .05 {sorted[36]:F3}, .25 {sorted[178]:F3}, .5 {sorted[356]:F3}, .75 {sorted[534]:F3}, 1 {sorted[^1]:F3}"));
        foreach ((double low, double high) in new[] { (0, .5), (.5, .7), (.7, .8), (.8, .9), (.9, .95), (.95, .98), (.98, 1.01) })
            text.AppendLine(FormattableString.Invariant($"{low:F2} to {high:F2}: {sorted.Count(value => value >= low && value < high)}"));
        foreach ((string size, double low, double high) in new[] { ("small", 0, 1024.0), ("medium", 1024.0, 9216.0), ("large", 9216.0, double.MaxValue) })
            if (pairs.Where(pair => pair.Segment.Area >= low && pair.Segment.Area < high).ToArray() is { Length: > 0 } some)
                text.AppendLine(FormattableString.Invariant($"{size}: {some.Length}, mean {some.Average(pair => pair.IntersectionOverUnion):F4}, worst {some.Min(pair => pair.IntersectionOverUnion):F3}"));
        long missing = pairs.Sum(pair => pair.Segment.Mask!.Except(pair.Instance.Mask!).Area), extra = pairs.Sum(pair => pair.Instance.Mask!.Except(pair.Segment.Mask!).Area);
        long missingInRim = pairs.Sum(pair => pair.Segment.Mask!.Except(pair.Instance.Mask!).Intersect(pair.Segment.Mask!.Boundary(1)).Area);
        long extraNear = pairs.Sum(pair => pair.Instance.Mask!.Except(pair.Segment.Mask!).Intersect(pair.Segment.Mask!.Dilate(1)).Area);
        text.AppendLine(FormattableString.Invariant($"pixels only in the segment {missing}, of them in its outermost ring {missingInRim}; only in the polygon {extra}, of them next to the segment {extraNear}"));
        text.AppendLine(FormattableString.Invariant($"polygon's box one pixel short of the segment's on the right and below: {pairs.Count(pair => pair.Instance.Box == pair.Segment.Box with { X1 = pair.Segment.Box.X1 - 1, Y1 = pair.Segment.Box.Y1 - 1 })}"));
        foreach (var group in pairs.GroupBy(pair => (Pieces: Pieces(pair.Segment.Mask!) > 1, Holes: Pieces(Around(pair.Segment.Mask!)) > 1)).OrderBy(group => group.Key))
            text.AppendLine(FormattableString.Invariant($"{(group.Key.Pieces ? "several pieces" : "one piece")}, {(group.Key.Holes ? "holes" : "no hole")}: {group.Count()}, mean {group.Average(pair => pair.IntersectionOverUnion):F4}, worst {group.Min(pair => pair.IntersectionOverUnion):F3}, pixels only in the polygon {group.Sum(pair => pair.Instance.Mask!.Except(pair.Segment.Mask!).Area)} of {group.Sum(pair => pair.Instance.Mask!.Area)}"));
        foreach (Pair pair in pairs.OrderBy(pair => pair.IntersectionOverUnion).Take(12))
            text.AppendLine(FormattableString.Invariant($"{pair.IntersectionOverUnion:F3} image {pair.Image} {pair.Category} {pair.Instance.Id}: polygon {pair.Instance.Mask!.Area}, segment {pair.Segment.Area} in {Pieces(pair.Segment.Mask!)} pieces, ring {pair.Segment.Mask!.Boundary(1).Area}, only polygon {pair.Instance.Mask.Except(pair.Segment.Mask).Area}"));
        return text.ToString();
    }

    // The image and a frame around it, without the mask: what is enclosed by the mask is a piece of its own.
    private static SegmentationMask Around(SegmentationMask mask) =>
        RandomMasks.Where(mask.Width + 2, mask.Height + 2, (x, y) => x == 0 || y == 0 || x > mask.Width || y > mask.Height || !mask[x - 1, y - 1]);

    private static int Pieces(SegmentationMask mask)
    {
        int pieces = 0;
        for (; mask.Area > 0; pieces++)
            mask = mask.Except(mask.LargestComponent());
        return pieces;
    }
}
