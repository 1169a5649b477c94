using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Answers queries several times each, with or without Look-to-Confirm; all answers are drawn from the policy.</summary>
internal sealed class RolloutSampler(DrSegModel model, SamplingOptions options, int seed, StepClock clock)
{
    /// <param name="step">The step's number, from 1: every step draws anew, also for an example that comes again.</param>
    public Rollout Answer(IReadOnlyList<SegmentationExample> examples, int step)
    {
        // Of a step of few queries a process may have none.
        if (examples.Count == 0) return new Rollout(step, examples, [], []);
        ulong drawn = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)(step - 1));
        try
        {
            return options.LookToConfirm is { } looking ? LookToConfirm(examples, step, looking, drawn) : LookOnce(examples, step, drawn);
        }
        catch (NonFiniteScoreException error) when (step > 1)
        {
            throw TrainingDivergedException.After(error, Rollout.Place(step, examples));
        }
    }

    private Rollout LookOnce(IReadOnlyList<SegmentationExample> examples, int step, ulong drawn)
    {
        PolicyPrompt[] prompts = [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))];
        var look = Look.Take(model.Policy, model.Segmenter, prompts, options.GroupSize, new AnswerSampling(1f, FirstGreedy: false, drawn), clock.Looks);
        return new Rollout(step, examples, [look], [[.. Enumerable.Range(0, examples.Count)]]);
    }

    private Rollout LookToConfirm(IReadOnlyList<SegmentationExample> examples, int step, LookToConfirmOptions looking, ulong drawn)
    {
        using var timed = clock.Measure(StepPhase.LookToConfirm);
        SegmentationQuery[] queries = [.. examples.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        var loop = new LookToConfirmLoop(model.Policy, model.Segmenter, model.Confirmation) { Clock = clock.Looks };
        LookToConfirmSession session = loop.Run(queries, looking with { FirstGreedy = false, Temperature = 1f }, drawn);
        int[] every = [.. Enumerable.Range(0, examples.Count)];
        return session.Second is { } second
            ? new Rollout(step, examples, [session.First, second], [every, [.. session.SecondOwners]])
            : new Rollout(step, examples, [session.First], [every]);
    }
}
