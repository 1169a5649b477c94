using System.Diagnostics;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Rewards;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Group relative policy optimisation, step by step: answer every query several times, measure the masks, turn
/// measurements into rewards and rewards into advantages, and make better answers likelier. Look-to-Confirm changes
/// how answers are made, the ranked reward how they are valued; the loop stays the same.
/// </summary>
internal sealed class GrpoLoop : IDisposable
{
    private readonly DrSegModel model;
    private readonly GrpoSegmentationTrainer.Options options;
    private readonly ICandidateReward reward;
    private readonly IVisionLanguagePolicy? reference;
    private readonly OptimizationStep optimization;
    private int step;

    /// <summary>Prepares training of a model's policy, in place; segmenter and confirming head stay frozen.</summary>
    public GrpoLoop(DrSegModel model, GrpoSegmentationTrainer.Options options)
    {
        this.model = model;
        this.options = options;
        reward = options.Reward ?? new PlainReward();
        reference = options.DivergenceWeight > 0 ? model.Policy.Clone() : null;
        optimization = new OptimizationStep("GRPO", model.Policy.Parameters(),
            new LearningRateSchedule(options.LearningRate, options.Steps, Floor: 0));
    }

    /// <summary>One step on one batch of examples.</summary>
    public TrainingProgress Step(IReadOnlyList<SegmentationExample> examples)
    {
        using var scope = NewDisposeScope();
        long started = Stopwatch.GetTimestamp();
        using Rollout rollout = Answer(examples);
        float[] rewards = Reward(rollout, examples, out CandidateMetrics[] measured);
        var advantages = new float[rewards.Length];
        int withoutSpread = GroupAdvantages.Compute(rewards, rollout.PromptSizes, options.AdvantageScaling, advantages);

        GrpoLoss.Terms? terms = null;
        double gradientNorm = 0;
        for (int update = 0; update < options.UpdatesPerStep; update++)
        {
            int from = 0;
            foreach (Look look in rollout.Looks)
            {
                int count = look.Answers.Sum(answers => answers.Length);
                // Each pass weighs as much as it has answers.
                GrpoLoss.Terms part = Loss(look, advantages.AsSpan(from, count));
                optimization.Backward(part.Loss * ((float)count / advantages.Length));
                terms ??= part;
                from += count;
            }
            gradientNorm = optimization.Apply();
        }

        step++;
        return new TrainingProgress("GRPO", step, options.Steps, new Dictionary<string, double>
        {
            ["reward"] = rewards.Average(),
            ["reward spread"] = Spread(rewards),
            ["mask IoU"] = measured.Average(metrics => metrics.IsFailed ? 0 : metrics.MaskIoU),
            ["box IoU"] = measured.Average(metrics => metrics.IsFailed ? 0 : metrics.BoxIoU),
            ["failed"] = measured.Average(metrics => metrics.IsFailed ? 1.0 : 0.0),
            ["groups without spread"] = (double)withoutSpread / rollout.PromptSizes.Length,
            ["second looks"] = rollout.SecondLookShare,
            ["divergence"] = terms!.Divergence,
            ["clipped"] = terms.ClippedShare,
            ["entropy"] = terms.Entropy,
            ["gradient norm"] = gradientNorm,
            ["answer length"] = rollout.Looks.SelectMany(look => look.Answers).SelectMany(answers => answers).Average(answer => answer.Tokens.Length),
            ["seconds"] = Stopwatch.GetElapsedTime(started).TotalSeconds,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reference?.Dispose();
        optimization.Dispose();
    }

    // The answers of a step, and how they belong together: a prompt's answers share a baseline, a query's answers
    // are ranked together, whichever look they come from.
    private sealed record Rollout(Look[] Looks, int[][] Owners, int[] PromptSizes, double SecondLookShare) : IDisposable
    {
        public void Dispose()
        {
            foreach (Look look in Looks) look.Dispose();
        }
    }

    private Rollout Answer(IReadOnlyList<SegmentationExample> examples)
    {
        // Every step draws anew, also for an example that comes again.
        ulong seed = unchecked((ulong)options.Seed * 0x9E3779B97F4A7C15UL + (ulong)step);
        int[] every = [.. Enumerable.Range(0, examples.Count)];
        if (options.LookToConfirm is not { } looking)
        {
            PolicyPrompt[] prompts = [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), model.Vocabulary.Encode(e.Query), e.Id))];
            Look only = Look.Take(model.Policy, model.Segmenter, prompts, options.GroupSize, new AnswerSampling(1f, FirstGreedy: false, seed));
            return new Rollout([only], [every], Sizes(only), 0);
        }

        SegmentationQuery[] queries = [.. examples.Select(e => new SegmentationQuery(e.Image, model.Vocabulary.Encode(e.Query), e.Id))];
        LookToConfirmSession session = model.LookToConfirm.Run(queries, looking with { FirstGreedy = false, Temperature = 1f }, seed);
        double share = session.Results.Average(result => result.LookedAgain ? 1.0 : 0.0);
        return session.Second is { } second
            ? new Rollout([session.First, second], [every, [.. session.SecondOwners]], [.. Sizes(session.First), .. Sizes(second)], share)
            : new Rollout([session.First], [every], Sizes(session.First), share);
    }

    private float[] Reward(Rollout rollout, IReadOnlyList<SegmentationExample> examples, out CandidateMetrics[] measured)
    {
        // Candidates in the order of the looks, for the loss ...
        var candidates = new List<(int Owner, GeneratedAnswer Generated, SegmentationMask? Mask)>();
        for (int l = 0; l < rollout.Looks.Length; l++)
            for (int p = 0; p < rollout.Owners[l].Length; p++)
                for (int g = 0; g < rollout.Looks[l].Answers[p].Length; g++)
                    candidates.Add((rollout.Owners[l][p], rollout.Looks[l].Answers[p][g], rollout.Looks[l].Masks[p][g]));
        GroundTruth[] truths = [.. examples.Select(example => new GroundTruth(example.Mask))];
        var metrics = new CandidateMetrics[candidates.Count];
        Parallel.For(0, metrics.Length, i =>
        {
            (int owner, GeneratedAnswer generated, SegmentationMask? mask) = candidates[i];
            metrics[i] = mask is null
                ? CandidateMetrics.Failed
                : CandidateMetrics.Measure(mask, generated.Answer!.Box, generated.Answer.Point, truths[owner]);
        });

        // ... and query by query, for the ranking.
        int[] byQuery = [.. Enumerable.Range(0, metrics.Length).OrderBy(i => candidates[i].Owner)];
        int[] querySizes = [.. candidates.CountBy(candidate => candidate.Owner).OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        var ranked = new float[metrics.Length];
        reward.Score([.. byQuery.Select(i => metrics[i])], querySizes, ranked);
        var rewards = new float[metrics.Length];
        for (int i = 0; i < byQuery.Length; i++) rewards[byQuery[i]] = ranked[i];
        measured = metrics;
        return rewards;
    }

    private GrpoLoss.Terms Loss(Look look, ReadOnlySpan<float> advantages)
    {
        int b = look.Answers.Length, g = look.Answers[0].Length, t = look.Answers.Max(answers => answers.Max(answer => answer.Tokens.Length));
        var tokens = new long[b * g * t];
        var old = new float[tokens.Length];
        var mask = new float[tokens.Length];
        for (int i = 0; i < b * g; i++)
        {
            GeneratedAnswer answer = look.Answers[i / g][i % g];
            for (int j = 0; j < answer.Tokens.Length; j++)
                (tokens[i * t + j], old[i * t + j], mask[i * t + j]) = (answer.Tokens[j], answer.LogProbabilities[j], 1);
        }
        long[] shape = [b, g, t];
        Tensor tokenTensor = tensor(tokens, shape).to(model.Device);
        Tensor? referenceLogProbabilities = null;
        if (reference is not null)
        {
            using IDisposable noGradient = no_grad();
            referenceLogProbabilities = GrpoLoss.Pick(reference.Logits(look.Prompts, tokenTensor).log_softmax(-1), tokenTensor);
        }
        return GrpoLoss.Compute(
            model.Policy.Logits(look.Prompts, tokenTensor), tokenTensor, tensor(mask, shape).to(model.Device),
            tensor(old, shape).to(model.Device), referenceLogProbabilities,
            tensor(advantages.ToArray(), [b, g]).to(model.Device),
            options.ClipLow, options.ClipHigh, options.DivergenceWeight);
    }

    private static int[] Sizes(Look look) => [.. look.Answers.Select(answers => answers.Length)];

    private static double Spread(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
