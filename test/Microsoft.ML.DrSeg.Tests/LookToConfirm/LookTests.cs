using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.LookToConfirm;

public class LookTests
{
    private static readonly BoundingBox Left = new(2, 3, 8, 9), Right = new(20, 4, 27, 12), Overlapping = new(6, 3, 10, 9);
    private static readonly RgbImage White = new(40, 30, [.. Enumerable.Repeat((byte)255, 3 * 40 * 30)]);

    private static SegmentationMask Mask(BoundingBox box) => SegmentationMask.FromBox(box, White.Width, White.Height);

    private static Look Take(IVisionLanguagePolicy policy, ThresholdSegmenter segmenter, int prompts, int answers) =>
        Look.Take(policy, segmenter, [.. Enumerable.Range(0, prompts).Select(id => new PolicyPrompt(ImageView.Whole(White), "white", id))], answers, AnswerSampling.Greedy);

    [Test]
    public void EveryObjectOfEveryAnswerIsSegmentedAndTheMaskIsTheirUnion()
    {
        ParsedAnswer[][] said =
        [
            [SaidPolicy.Boxes(Left, Right), SaidPolicy.Boxes(), SaidPolicy.Failed],
            [SaidPolicy.Boxes(Right), SaidPolicy.Boxes(Left, Right, Overlapping), SaidPolicy.Boxes()],
        ];
        var segmenter = new ThresholdSegmenter();
        using var policy = new SaidPolicy((prompt, place) => said[prompt.Id][place]);
        using Look look = Take(policy, segmenter, prompts: 2, answers: 3);
        Assert.That(segmenter.Asked, Is.EqualTo(6), "one prompt an object");
        Assert.Multiple(() =>
        {
            Assert.That(look.Masks[0], Is.EqualTo(new[] { Mask(Left).Union(Mask(Right)), SegmentationMask.Empty(40, 30), null }));
            Assert.That(look.Masks[1], Is.EqualTo(new[] { Mask(Right), Mask(Left).Union(Mask(Right)).Union(Mask(Overlapping)), SegmentationMask.Empty(40, 30) }));
            for (int i = 0; i < 2; i++)
                for (int j = 0; j < 3; j++)
                {
                    GeneratedAnswer answer = look.Answers[i][j];
                    if (said[i][j] is not TextAnswer text)
                    {
                        Assert.That((answer.Objects, answer.Box, answer.Failure), Is.EqualTo(((object?)null, (object?)null, SaidPolicy.Failed)));
                        continue;
                    }
                    Assert.That(answer.Objects!.Select(one => (one.Box, one.Point)), Is.EqualTo(text.Objects.Select(one => (one.Box, one.Point))), "as they were said, in their order");
                    Assert.That(answer.Objects!.Select(one => one.Mask), Is.EqualTo(text.Objects.Select(one => Mask(one.Box))));
                }
            Assert.That(look.Answers[1][0].Objects![0].Mask, Is.SameAs(look.Masks[1][0]), "of one object, its own mask");
            Assert.That(look.Answers[1][1].Box, Is.EqualTo(new BoundingBox(2, 3, 27, 12)), "around all of them");
        });
    }

    [Test]
    public void WhereNothingIsThereTheSegmenterIsNotAsked()
    {
        var segmenter = new ThresholdSegmenter();
        using var policy = new SaidPolicy((_, _) => SaidPolicy.Boxes());
        using Look look = Take(policy, segmenter, prompts: 1, answers: 2);
        Assert.That(segmenter.Asked, Is.Zero);
        Assert.That(look.Masks[0], Is.All.EqualTo(SegmentationMask.Empty(40, 30)));
    }

    [Test]
    public void WhatWasWrittenIsTheTextAndFailuresSayWhy()
    {
        var said = new GeneratedAnswer([1], [0f], true, SaidPolicy.Boxes(Left));
        Assert.That(said.ToText(), Is.EqualTo("""<think></think><answer>[{"bbox_2d":[2,3,8,9],"point_2d":[5,6]}]</answer>"""));
        Assert.That((said with { Text = "<think> </think> <answer>[]</answer>" }).ToText(), Is.EqualTo("<think> </think> <answer>[]</answer>"));
        Assert.That((said with { Text = "hm", Parsed = SaidPolicy.Failed }).ToText(), Is.EqualTo("no answer: it stops"));
    }
}
