using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Imaging;

public class BoundingBoxTests
{
    [Test]
    public void KnownOverlaps()
    {
        var box = new BoundingBox(0, 0, 4, 2);
        Assert.That(box.IntersectionOverUnion(box), Is.EqualTo(1));
        Assert.That(box.IntersectionOverUnion(new(2, 1, 6, 3)), Is.EqualTo(2 / 14.0).Within(1e-7));
        Assert.That(box.IntersectionOverUnion(new(4, 0, 5, 2)), Is.Zero, "half-open boxes that touch share nothing");
        Assert.That(box.IntersectionOverUnion(default), Is.Zero);
        Assert.That(default(BoundingBox).IntersectionOverUnion(default), Is.Zero);
        Assert.That(box.IntersectionOverUnion(new(float.NaN, 0, 4, 2)), Is.Zero);
    }

    [Test]
    public void TheBoxThatEnclosesTwoIsTheSmallest()
    {
        Assert.That(new BoundingBox(2, 4, 6, 12).Enclose(new(5, 1, 9, 8)), Is.EqualTo(new BoundingBox(2, 1, 9, 12)));
        Assert.That(new BoundingBox(2, 4, 6, 12).Enclose(new(3, 5, 4, 6)), Is.EqualTo(new BoundingBox(2, 4, 6, 12)));
    }

    [Test]
    public void EnlargingKeepsTheCentre()
    {
        Assert.That(new BoundingBox(2, 4, 6, 12).Enlarge(1.5f), Is.EqualTo(new BoundingBox(1, 2, 7, 14)));
        Assert.That(new BoundingBox(2, 4, 6, 12).Center, Is.EqualTo(new PixelPoint(4, 8)));
    }

    [Test]
    public void ClampingMovesEveryBorderIntoTheImage()
    {
        Assert.That(new BoundingBox(-3, 4, 60, 12).Clamp(10, 8), Is.EqualTo(new BoundingBox(0, 4, 10, 8)));
        Assert.That(new BoundingBox(20, 4, 60, 12).Clamp(10, 8).IsEmpty, Is.True);
    }

    [Test]
    public void SwappedBordersMakeAnEmptyBox()
    {
        var swapped = new BoundingBox(5, 5, 2, 2);
        Assert.That(swapped.IsEmpty, Is.True);
        Assert.That(swapped.Area, Is.Zero);
    }
}
