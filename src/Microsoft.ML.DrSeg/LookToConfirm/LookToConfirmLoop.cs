using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// Look-to-Confirm: propose masks, check each against the image, look closer where the best confidence stays below
/// the threshold, and keep the most plausible of all. A closer look shows the policy the region around a proposal at
/// the image's own resolution, together with the proposed mask.
/// </summary>
public sealed class LookToConfirmLoop
{
    // A closer view of nearly the same mask would show nothing new.
    private const double SameProposal = 0.7;

    private readonly IVisionLanguagePolicy _policy;
    private readonly IPromptableSegmenter _segmenter;
    private readonly IMaskConfirmation _confirmation;

    /// <summary>Creates the loop over models that the caller owns.</summary>
    public LookToConfirmLoop(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, IMaskConfirmation confirmation)
    {
        _policy = policy ?? throw new ArgumentNullException(nameof(policy));
        _segmenter = segmenter ?? throw new ArgumentNullException(nameof(segmenter));
        _confirmation = confirmation ?? throw new ArgumentNullException(nameof(confirmation));
    }

    /// <summary>Creates the loop over a model's parts, which stay the model's.</summary>
    public LookToConfirmLoop(DrSegModel model) : this((model ?? throw new ArgumentNullException(nameof(model))).Policy, model.Segmenter, model.Confirmation)
    {
    }

    /// <summary>Told how long each part of looking takes; null for nobody.</summary>
    internal PhaseClock<LookPhase>? Clock { get; init; }

    /// <summary>Answers a batch of queries.</summary>
    /// <param name="queries">Queries, each about its own image.</param>
    /// <param name="options">How much to look.</param>
    /// <param name="seed">Fixes every random draw, together with each query's id.</param>
    /// <returns>One result a query, and the passes that led to them; the caller disposes it.</returns>
    public LookToConfirmSession Run(IReadOnlyList<SegmentationQuery> queries, LookToConfirmOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(options);
        OptionReading.Require(options);
        var sampling = new AnswerSampling(options.Temperature, options.FirstGreedy, seed);
        var hypotheses = new List<Hypothesis>[queries.Count];

        PolicyPrompt[] whole = [.. queries.Select(query => new PolicyPrompt(ImageView.Whole(query.Image), query.Text, query.Id))];
        var first = Look.Take(_policy, _segmenter, whole, options.FirstLookAnswers, sampling, Clock);
        Look? second = null;
        try
        {
            int[] every = [.. Enumerable.Range(0, queries.Count)];
            foreach (int i in every) hypotheses[i] = [];
            Collect(queries, first, every, hypotheses);
            int[] provisional = [.. hypotheses.Select(own => MostPlausible(own, options))];

            var closer = new List<PolicyPrompt>();
            var owners = new List<int>();
            foreach (int i in every)
            {
                if (hypotheses[i][provisional[i]].Confidence >= options.Threshold) continue;
                foreach (Hypothesis proposal in Proposals(hypotheses[i], options.CloserViews))
                {
                    closer.Add(new PolicyPrompt(
                        ImageView.Around(queries[i].Image, proposal.Generated.Box!.Value, proposal.Mask!),
                        queries[i].Text, queries[i].Id, Look: 1 + owners.Count(owner => owner == i)));
                    owners.Add(i);
                }
            }
            if (closer.Count > 0)
            {
                second = Look.Take(_policy, _segmenter, closer, options.AnswersPerCloserView, sampling, Clock);
                Collect(queries, second, owners, hypotheses);
            }

            LookToConfirmResult[] results = [.. every.Select(i => new LookToConfirmResult(
                hypotheses[i], provisional[i], MostPlausible(hypotheses[i], options)))];
            return new LookToConfirmSession(first, second, owners, results);
        }
        catch
        {
            first.Dispose();
            second?.Dispose();
            throw;
        }
    }

    private void Collect(IReadOnlyList<SegmentationQuery> queries, Look look, IReadOnlyList<int> owners, List<Hypothesis>[] hypotheses)
    {
        var prompts = new List<ConfirmationPrompt>();
        for (int i = 0; i < owners.Count; i++)
            for (int j = 0; j < look.Answers[i].Length; j++)
                if (look.Masks[i][j] is { } mask)
                    prompts.Add(new ConfirmationPrompt(queries[owners[i]].Image, queries[owners[i]].Text, look.Answers[i][j].Box, mask));
        Confirmation[] confirmations;
        using (Clock?.Measure(LookPhase.Confirmation)) confirmations = _confirmation.ConfirmChecked(prompts);

        int next = 0;
        for (int i = 0; i < owners.Count; i++)
            for (int j = 0; j < look.Answers[i].Length; j++)
            {
                SegmentationMask? mask = look.Masks[i][j];
                hypotheses[owners[i]].Add(new Hypothesis(
                    look.Answers[i][j], mask, mask is null ? null : confirmations[next++], look.Prompts.Prompts[i].Look));
            }
    }

    // "There is nothing" shows no place to look closer at.
    private static List<Hypothesis> Proposals(List<Hypothesis> hypotheses, int count)
    {
        var chosen = new List<Hypothesis>(count);
        foreach (Hypothesis hypothesis in hypotheses.Where(h => h.Generated.Box is not null).OrderByDescending(h => h.Confidence))
        {
            if (chosen.Count == count) break;
            if (chosen.All(other => other.Mask!.IntersectionOverUnion(hypothesis.Mask!) < SameProposal))
                chosen.Add(hypothesis);
        }
        return chosen;
    }

    private static int MostPlausible(List<Hypothesis> hypotheses, LookToConfirmOptions options)
    {
        int best = 0;
        for (int i = 1; i < hypotheses.Count; i++)
            if (hypotheses[i].Plausibility(options) > hypotheses[best].Plausibility(options)) best = i;
        return best;
    }
}

/// <summary>A query about an image.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Text">What is asked for, as a sentence.</param>
/// <param name="Id">Names the query among all of a run; its random draws depend on it, not on the batch.</param>
public sealed record SegmentationQuery(RgbImage Image, string Text, long Id);

/// <summary>One answer with its mask and what the check found.</summary>
/// <param name="Generated">The answer as generated, its objects with their masks.</param>
/// <param name="Mask">The mask of all its objects together, empty where it has none; null when the answer failed.</param>
/// <param name="Confirmation">The check of the mask; null when the answer failed.</param>
/// <param name="Look">0 for the first look, 1 and up for closer views.</param>
public sealed record Hypothesis(GeneratedAnswer Generated, SegmentationMask? Mask, Confirmation? Confirmation, int Look)
{
    /// <summary>Estimated IoU with the object asked for, 0..1; below every mask's where there is no mask.</summary>
    public float Confidence => Confirmation?.Confidence ?? -1f;

    /// <summary>What hypotheses are chosen by: the confidence, less <see cref="LookToConfirmOptions.NothingMargin"/> where it says that nothing is there.</summary>
    internal float Plausibility(LookToConfirmOptions options) => Generated.Objects is { Count: 0 } ? Confidence - options.NothingMargin : Confidence;
}

/// <summary>The outcome for one query.</summary>
/// <param name="Hypotheses">All hypotheses, first look first; the first of all is the greedy answer, unless all were sampled.</param>
/// <param name="Provisional">Index of the most plausible hypothesis of the first look.</param>
/// <param name="Chosen">Index of the most plausible hypothesis of all.</param>
public sealed record LookToConfirmResult(IReadOnlyList<Hypothesis> Hypotheses, int Provisional, int Chosen)
{
    /// <summary>Whether there was a second look.</summary>
    public bool LookedAgain => Hypotheses[^1].Look > 0;
}

/// <summary>A batch's results and the passes behind them, which training goes over again.</summary>
/// <param name="First">The first look at every query.</param>
/// <param name="Second">The closer views; null when every first look was confirmed.</param>
/// <param name="SecondOwners">For each prompt of <paramref name="Second"/>, the index of its query.</param>
/// <param name="Results">One a query.</param>
public sealed record LookToConfirmSession(
    Look First, Look? Second, IReadOnlyList<int> SecondOwners, IReadOnlyList<LookToConfirmResult> Results) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second?.Dispose();
    }
}
