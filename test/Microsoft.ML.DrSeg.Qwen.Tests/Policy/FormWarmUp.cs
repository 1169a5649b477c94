using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// Teaches a random model the form of answers, and a little of their contents, by imitation: without it no answer could be read, and
/// there would be nothing to reinforce. What is taught is the text model itself, so that the adapter of a run begins with nothing.
/// </summary>
internal static class FormWarmUp
{
    private const int BatchSize = 8;

    /// <summary>Teaches the model of a folder, and writes its weights there.</summary>
    /// <returns>The loss of every step: mean negative log-probability of a token, in nats.</returns>
    public static double[] Teach(TinyQwenFolder folder, Func<long, SegmentationExample> examples, int steps, double learningRate = 3e-3)
    {
        using DrSegModel model = folder.Load();
        var policy = (QwenPolicy)model.Policy;
        Tensor[] taught = [.. policy.Weights.Text.Weights.Values];
        Tensor[] first = [.. taught.Select(weight => zeros_like(weight))], second = [.. taught.Select(weight => zeros_like(weight))];
        foreach (Tensor weight in taught) weight.requires_grad_(true);
        var losses = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            losses[step] = Imitate(policy, [.. Enumerable.Range(0, BatchSize).Select(i => examples((long)step * BatchSize + i))]);
            using IDisposable withoutGradient = no_grad();
            for (int i = 0; i < taught.Length; i++)
                Adam(taught[i], first[i], second[i], step + 1, learningRate * (1 - (double)step / steps));
        }
        foreach (Tensor weight in taught) weight.requires_grad_(false);
        folder.Write(policy.Weights.Tensors);
        foreach (Tensor moment in first.Concat(second)) moment.Dispose();
        return losses;
    }

    // Kingma and Ba 2015, algorithm 1, in place: an optimiser of the library's would want parameters, which these frozen weights are not.
    private static void Adam(Tensor weight, Tensor first, Tensor second, int step, double rate)
    {
        Tensor gradient = weight.grad!;
        first.mul_(.9).add_(gradient.mul(.1));
        second.mul_(.99).add_(gradient.square().mul(.01));
        weight.sub_(first.div(1 - Math.Pow(.9, step)).mul(rate).div(second.div(1 - Math.Pow(.99, step)).sqrt().add(1e-8)));
        gradient.zero_();
    }

    private static double Imitate(QwenPolicy policy, SegmentationExample[] batch)
    {
        using PromptBatch prompts = policy.Prepare([.. batch.Select(example => new PolicyPrompt(ImageView.Whole(example.Image), example.Query, example.Id))]);
        int[][] answers = [.. batch.Zip(((QwenPromptBatch)prompts).Rendered, (example, prompt) =>
            policy.Encode(prompt, example.Objects.Select(SegmentedObject.Of), "<look>here</look>"))];
        int length = answers.Max(answer => answer.Length);
        Tensor tokens = tensor([.. answers.SelectMany(answer => answer.Select(id => (long)id).Concat(Enumerable.Repeat(0L, length - answer.Length)))], [batch.Length, 1, length]);
        Tensor mask = tensor([.. answers.SelectMany(answer => Enumerable.Range(0, length).Select(place => place < answer.Length ? 1f : 0f))], [batch.Length, 1, length]);
        using ScoredTokens scored = policy.Score(prompts, tokens, mask, new ScoreOptions { Gradient = true });
        Tensor loss = -(scored.LogProbabilities * mask).sum() / mask.sum();
        loss.backward();
        scored.Backward();
        return loss.item<float>();
    }
}
