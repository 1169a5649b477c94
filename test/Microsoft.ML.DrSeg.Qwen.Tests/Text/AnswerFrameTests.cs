using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class AnswerFrameTests
{
    private static readonly AnswerFrame Paper = new(new(640, 427), new(840, 840));

    [Test]
    public void ThePapersExampleIsMappedAndRounded()
    {
        SegmentedObject mapped = Paper.ToOriginal(new(new(10, 100, 200, 210), new(840, 840)));
        Assert.That(mapped.Box, Is.EqualTo(new BoundingBox(8, 51, 152, 107)));
        Assert.That(mapped.Point, Is.EqualTo(new PixelPoint(640, 427)));
    }

    [Test]
    public void WhatLiesBeyondTheImageIsClipped()
    {
        SegmentedObject mapped = Paper.ToOriginal(new(new(-5, 0, 900, 1200), new(-1, 841)));
        Assert.That(mapped.Box, Is.EqualTo(new BoundingBox(0, 0, 640, 427)));
        Assert.That(mapped.Point, Is.EqualTo(new PixelPoint(0, 427)));
    }

    [Test]
    public void ASmallBoxKeepsItsArea()
    {
        SegmentedObject mapped = new AnswerFrame(new(20, 20), new(840, 840)).ToOriginal(new(new(100, 420, 105, 425), new(102, 422)));
        Assert.That(mapped.Box, Is.EqualTo(new BoundingBox(2, 10, 3, 11)));
    }

    [Test]
    public void ThereAndBackIsOffByNoMoreThanRounding()
    {
        var random = new Random(3);
        foreach (AnswerFrame frame in (AnswerFrame[])[Paper, new(new(640, 427), new(1000, 1000)), new(new(333, 901), new(336, 896))])
            for (int round = 0; round < 200; round++)
            {
                int left = random.Next(frame.Original.Width - 1), top = random.Next(frame.Original.Height - 1);
                var box = new BoundingBox(left, top, random.Next(left + 1, frame.Original.Width) + 1, random.Next(top + 1, frame.Original.Height) + 1);
                BoundingBox back = frame.ToOriginal(frame.ToModel(new(box, box.Center))).Box;
                Assert.That(Math.Max(Math.Abs(back.X0 - box.X0), Math.Abs(back.X1 - box.X1)), Is.LessThanOrEqualTo(1));
                Assert.That(Math.Max(Math.Abs(back.Y0 - box.Y0), Math.Abs(back.Y1 - box.Y1)), Is.LessThanOrEqualTo(1));
            }
    }
}
