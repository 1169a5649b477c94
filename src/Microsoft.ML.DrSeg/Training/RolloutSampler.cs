using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Segmenters;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Answers queries several times each, with or without Look-to-Confirm; all answers are drawn from the policy.</summary>
internal sealed class RolloutSampler(DrSegModel model, SamplingOptions options, int seed, StepClock clock)
{
    /// <summary>Answers the queries of one step.</summary>
    /// <param name="examples">The queries.</param>
    /// <param name="step">Steps done: every step draws anew, also for an example that comes again.</param>
    public Rollout Answer(IReadOnlyList<SegmentationExample> examples, int step)
    {
        using IVisionLanguagePolicy policy = new TimedPolicy(model.Policy, clock);
        using IPromptableSegmenter segmenter = new TimedSegmenter(model.Segmenter, clock);
        ulong drawn = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)step);
        int[] every = [.. Enumerable.Range(0, examples.Count)];
        if (options.LookToConfirm is not { } looking)
        {
            PolicyPrompt[] prompts = [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), model.Vocabulary.Encode(e.Query), e.Id))];
            return new Rollout(examples, [Look.Take(policy, segmenter, prompts, options.GroupSize, new AnswerSampling(1f, FirstGreedy: false, drawn))], [every]);
        }

        SegmentationQuery[] queries = [.. examples.Select(e => new SegmentationQuery(e.Image, model.Vocabulary.Encode(e.Query), e.Id))];
        LookToConfirmSession session = clock.Rest(StepPhase.LookToConfirm, () =>
            new LookToConfirmLoop(policy, segmenter, model.Confirmation).Run(queries, looking with { FirstGreedy = false, Temperature = 1f }, drawn));
        return session.Second is { } second
            ? new Rollout(examples, [session.First, second], [every, [.. session.SecondOwners]])
            : new Rollout(examples, [session.First], [every]);
    }
}
