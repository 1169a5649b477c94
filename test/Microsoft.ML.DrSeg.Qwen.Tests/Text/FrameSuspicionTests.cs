using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class FrameSuspicionTests
{
    private const string Share = """{"bbox_2d":[0.1,0.2,0.9,1],"point_2d":[0.5,0.5]}""", Pixels = """{"bbox_2d":[10,20,90,100],"point_2d":[50,50]}""", Corner = """{"bbox_2d":[0,0,1,1],"point_2d":[0,0]}""";

    private static readonly AnswerFrame Frame = new(new ImageSize(200, 100), new ImageSize(840, 840));

    private static ParsedAnswer Read(AnswerReading reading, params string[] objects) =>
        (QwenRecipe.DrSeg with { Reading = reading }).Read($"<think></think><answer>[{string.Join(',', objects)}]</answer>", Frame);

    [Test]
    public void AnswersInSharesOfTheImageFailByTheirFrame([Values] AnswerReading reading)
    {
        foreach (string[] objects in new string[][] { [Share], [Share, Share], [Share, Corner] })
            Assert.That(Read(reading, objects), Is.InstanceOf<FailedAnswer>().With.Property(nameof(FailedAnswer.Reason)).EqualTo(FailedAnswerReason.WrongFrame));
    }

    [Test]
    public void WhatCanBePixelsIsNotSuspicious([Values] AnswerReading reading)
    {
        foreach (string[] objects in new string[][] { [], [Pixels], [Corner], [Share, Pixels] })
            Assert.That(Read(reading, objects), Is.InstanceOf<TextAnswer>());
    }
}
