using System.Globalization;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class PolygonTests
{
    [Test]
    public void ARectangleOnPixelEdgesIsItsPixels() =>
        Assert.That(
            SegmentationMask.FromPolygons([[2, 1, 5, 1, 5, 4, 2, 4]], 8, 6),
            Is.EqualTo(SegmentationMask.FromBox(new BoundingBox(2, 1, 5, 4), 8, 6)));

    [Test]
    public void APixelBelongsWhenItsCentreDoes()
    {
        // The triangle (0,0) (4,0) (0,4) holds the centres (x+.5, y+.5) with x + y + 1 < 4; those on its long side are outside.
        var mask = SegmentationMask.FromPolygons([[0, 0, 4, 0, 0, 4]], 5, 5);
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 5; x++)
                Assert.That(mask[x, y], Is.EqualTo(x + y + 1 < 4), $"({x}, {y})");
    }

    [Test]
    public void PartsAreUnitedAndABowTieHasNoMiddle()
    {
        var two = SegmentationMask.FromPolygons([[0, 0, 2, 0, 2, 2, 0, 2], [1, 1, 3, 1, 3, 3, 1, 3]], 4, 4);
        Assert.That(two.Area, Is.EqualTo(7));
        // The outline winds twice around the inner square: even-odd leaves it out.
        var ring = SegmentationMask.FromPolygons([[0, 0, 6, 0, 6, 6, 0, 6, 0, 0, 2, 2, 4, 2, 4, 4, 2, 4, 2, 2]], 6, 6);
        Assert.That(ring[3, 3], Is.False);
        Assert.That(ring.Area, Is.EqualTo(32));
    }

    [Test]
    public void WhatLiesOutsideTheImageIsCutOff() =>
        Assert.That(SegmentationMask.FromPolygons([[-5, -5, 20, -5, 20, 20, -5, 20]], 3, 2).Area, Is.EqualTo(6));

    // Worked out by hand from the rule. (1.3, 0.9) lies on the grid of fifths at (7, 5) [6.5 and 4.5 plus a half, cut off],
    // (4.7, 0.9) at (24, 5), (4.7, 3.1) at (24, 16), (1.3, 3.1) at (7, 16). Columns 1 to 4 have their centres at 7, 12, 17
    // and 22, of which a line from 7 to 24 passes all four. Fifth 5 is above the centre of row 1 (7), so that row 1 is the
    // first inside; fifth 16 is above the centre of row 3 (17), so that row 3 is the first outside again.
    [Test]
    public void CornersAreRoundedToFifthsOfAPixel() =>
        Assert.That(
            SegmentationMask.FromPolygons([[1.3, 0.9, 4.7, 0.9, 4.7, 3.1, 1.3, 3.1]], 8, 6),
            Is.EqualTo(SegmentationMask.FromBox(new BoundingBox(1, 1, 5, 3), 8, 6)));

    [Test]
    public void RandomPolygonsAgreeWithWalkingTheirOutline()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 2000; trial++)
        {
            int width = random.Next(1, 30), height = random.Next(1, 30), corners = random.Next(3, 9);
            // Some corners beyond the image, some on the grid, some all but on it.
            double[] polygon = [.. Enumerable.Range(0, 2 * corners).Select(_ => trial % 3 == 0
                ? random.Next(-8, 38) + random.Next(5) / 5.0
                : random.NextDouble() * 46 - 8)];
            Assert.That(SegmentationMask.FromPolygons([polygon], width, height),
                Is.EqualTo(SegmentationMask.FromPixels(WalkedOutline(polygon, width, height), width, height)), string.Join(' ', polygon));
        }
    }

    // The definition, taken literally: every grid point of the outline in turn; between two of them in neighbouring fifths
    // on both sides of a column's centre, all pixels of the column from there down change sides.
    private static bool[] WalkedOutline(double[] polygon, int width, int height)
    {
        var points = new List<(int X, int Y)>();
        int corners = polygon.Length / 2;
        for (int i = 0; i < corners; i++)
        {
            int j = (i + 1) % corners;
            int x0 = (int)(5 * polygon[2 * i] + .5), y0 = (int)(5 * polygon[2 * i + 1] + .5), x1 = (int)(5 * polygon[2 * j] + .5), y1 = (int)(5 * polygon[2 * j + 1] + .5);
            int across = Math.Abs(x1 - x0), down = Math.Abs(y1 - y0), steps = Math.Max(across, down);
            bool reversed = across >= down ? x0 > x1 : y0 > y1;
            var (startX, startY) = reversed ? (x1, y1) : (x0, y0);
            double slopeX = steps == 0 ? 0 : (reversed ? x0 - x1 : x1 - x0) / (double)steps, slopeY = steps == 0 ? 0 : (reversed ? y0 - y1 : y1 - y0) / (double)steps;
            for (int step = 0; step <= steps; step++)
            {
                int at = reversed ? steps - step : step;
                points.Add(across >= down ? (startX + at, (int)(startY + slopeY * at + .5)) : ((int)(startX + slopeX * at + .5), startY + at));
            }
        }
        var inside = new bool[width * height];
        for (int i = 1; i < points.Count; i++)
        {
            int left = Math.Min(points[i].X, points[i - 1].X);
            if (points[i].X == points[i - 1].X || left < 0 || left % 5 != 2 || left / 5 >= width)
                continue;
            int row = (int)Math.Ceiling(Math.Clamp((Math.Min(points[i].Y, points[i - 1].Y) + .5) / 5 - .5, 0, height));
            for (int y = row; y < height; y++)
                inside[y * width + left / 5] ^= true;
        }
        return inside;
    }

    [Test]
    public void PolygonsOfHugeImagesCostOnlyTheirOwnSize() =>
        Assert.That(SegmentationMask.FromPolygons([[-1e7, 10, 1e7, 10, 1e7, 12, -1e7, 12]], 30_000, 30_000).Area, Is.EqualTo(60_000));

    [TestCase(new double[] { 0, 0, 1, 1, 1e300, 2 })]
    [TestCase(new double[] { 0, 0, 1, 1, double.PositiveInfinity, 2 })]
    [TestCase(new double[] { 0, 0, 1, 1 })]
    [TestCase(new double[] { 0, 0, 1, 1, 2 })]
    [TestCase(new double[] { 0, 0, 1, 1, double.NaN, 2 })]
    public void ThreeFiniteCornersAreWanted(double[] polygon) =>
        Assert.That(() => SegmentationMask.FromPolygons([polygon], 3, 3), Throws.ArgumentException);

    [Test]
    public void TheAreasOfRealAnnotationsAreMet()
    {
        string folder = ReferenceData.PathTo("coco-val100");
        var data = new CocoInstances(Path.Combine(folder, "instances.json"), Path.Combine(folder, "images"), new() { Categories = ["truck", "car", "dog", "bear"] });
        AnnotatedObject[] objects = [.. data.Read().SelectMany(row => row.Objects)];
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "instances.json")));
        var areas = json.RootElement.GetProperty("annotations").EnumerateArray()
            .ToDictionary(a => a.GetProperty("id").GetInt64(), a => a.GetProperty("area").GetDouble());
        Assert.That(objects, Has.Length.EqualTo(30));
        foreach (AnnotatedObject seen in objects)
        {
            double area = areas[long.Parse(seen.Id, CultureInfo.InvariantCulture)];
            Assert.That(seen.Mask!.Area, Is.EqualTo(area).Within(0.1 * area + 20), $"annotation {seen.Id}");
        }
    }
}
