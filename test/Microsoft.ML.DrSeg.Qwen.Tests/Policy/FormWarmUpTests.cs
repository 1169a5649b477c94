using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class FormWarmUpTests
{
    [Test]
    public void Try()
    {
        using var folder = new TinyQwenFolder();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        double[] losses = FormWarmUp.Teach(folder, TinyScenes.Of, 240);
        TestContext.Out.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s; " + string.Join(" ", losses.Where((_, i) => i % 10 == 0).Select(loss => $"{loss:0.00}")));
        using DrSegModel model = folder.Load();
        using PromptBatch prompts = model.Policy.Prepare([.. Enumerable.Range(1000, 4).Select(i => TinyScenes.Of(i)).Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))]);
        foreach (var own in model.Policy.Generate(prompts, 3, new AnswerSampling(1, true, 1)))
            foreach (var answer in own) TestContext.Out.WriteLine($"{answer.Tokens.Length} {answer.Text} | {answer.ToText()}");
        for (int i = 1000; i < 1004; i++) TestContext.Out.WriteLine(TinyScenes.Of(i).Mask.Box);
    }
}
