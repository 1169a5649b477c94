using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Scores answers of any number of objects: matches them to the true objects and averages over the pairs, as the accuracy
/// reward of the Dr. Seg paper does (arXiv 2603.00152); objects without a counterpart are the count score's concern.
/// </summary>
/// <remarks>
/// Of boxes, points and count: mask metrics are NaN, as masks are compared as wholes (<see cref="CandidateMetrics.Measure(GeneratedAnswer, Masks.SegmentationMask, GroundTruth)"/>).
/// Nothing answered where nothing is wanted is a full score; one without the other is 0. The result does not depend on the order
/// of either side. Keeps its workspace: it allocates nothing once it has met its largest answer. Use one on each thread.
/// </remarks>
public sealed class AnswerScorer
{
    private readonly ObjectMatching _matching = new();
    private readonly List<SegmentedObject> _read = [];

    internal double MatchingCost => _matching.TotalCost;

    /// <summary>Scores the answer that a text gave. Format, look span and non-repetition are measured on the text.</summary>
    /// <param name="answer">What <see cref="AnswerParser"/> made of the text.</param>
    /// <param name="wanted">The true objects; none where the queried thing is absent.</param>
    /// <param name="width">Image width in pixels, positive.</param>
    /// <param name="height">Image height in pixels, positive.</param>
    /// <returns>The metrics; for a failed answer <see cref="CandidateMetrics.Failed"/>, marked where it is over-long.</returns>
    /// <exception cref="ArgumentException">A true object's coordinates are not finite.</exception>
    public CandidateMetrics Measure(ParsedAnswer answer, ReadOnlySpan<SegmentedObject> wanted, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer is TextAnswer text
            ? WithText(Measure([.. text.Objects], wanted, width, height), text)
            : Failed((FailedAnswer)answer);
    }

    /// <summary>Scores an answer as it was written, as if by <see cref="AnswerParser.Parse"/>; allocates nothing but for a failed one.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="wanted">The true objects; none where the queried thing is absent.</param>
    /// <param name="width">Image width in pixels, positive.</param>
    /// <param name="height">Image height in pixels, positive.</param>
    /// <param name="limits">From which size on an answer is over-long; null for the defaults.</param>
    /// <returns>The metrics; for a failed answer <see cref="CandidateMetrics.Failed"/>, marked where it is over-long.</returns>
    /// <exception cref="ArgumentException">A true object's coordinates are not finite.</exception>
    public CandidateMetrics Measure(string text, ReadOnlySpan<SegmentedObject> wanted, int width, int height, AnswerLimits? limits = null) =>
        AnswerParser.Read(text, width, height, limits, _read, out var thinking, out var looks) is { } failed
            ? Failed(failed)
            : WithText(Measure(CollectionsMarshal.AsSpan(_read), wanted, width, height), thinking, looks);

    /// <summary>Scores answered objects against the true ones.</summary>
    /// <param name="answered">The answered objects; none for the answer "there is nothing".</param>
    /// <param name="wanted">The true objects; none where the queried thing is absent.</param>
    /// <param name="width">Image width in pixels, positive.</param>
    /// <param name="height">Image height in pixels, positive.</param>
    /// <returns>The metrics; <see cref="CandidateMetrics.Failed"/> where an answered coordinate is not finite.</returns>
    /// <exception cref="ArgumentException">A true object's coordinates are not finite.</exception>
    public CandidateMetrics Measure(ReadOnlySpan<SegmentedObject> answered, ReadOnlySpan<SegmentedObject> wanted, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (!wanted[i].IsFinite)
                throw new ArgumentException($"True object {i} has the box {wanted[i].Box} and the point {wanted[i].Point}; its coordinates must be finite.", nameof(wanted));
        }
        foreach (ref readonly var one in answered)
        {
            if (!one.IsFinite)
                return CandidateMetrics.Failed;
        }

        var diagonal = CandidateScores.Diagonal(width, height);
        _matching.Solve(answered, wanted, diagonal);
        var pairs = Math.Min(answered.Length, wanted.Length);
        double box = 0, point = 0, sides = 0;
        for (var i = 0; i < answered.Length; i++)
        {
            var wantedOf = _matching.WantedOf[i];
            if (wantedOf < 0)
                continue;
            ref readonly var one = ref answered[_matching.AnsweredAt[i]];
            ref readonly var other = ref wanted[_matching.WantedAt[wantedOf]];
            box += _matching.Overlap(i, wantedOf);
            point += CandidateScores.PointAt(_matching.Distance(i, wantedOf));
            sides += CandidateScores.BoxL1At(CandidateScores.SideDistance(one.Box, other.Box) / diagonal);
        }
        // Nothing to pair: full scores where both sides are empty, 0 otherwise.
        var none = answered.Length == wanted.Length ? 1.0 : 0.0;
        double Mean(double sum) => pairs == 0 ? none : sum / pairs;
        return new CandidateMetrics(
            double.NaN, double.NaN, double.NaN, Mean(box), Mean(point), CandidateScores.Count(answered.Length, wanted.Length))
        {
            BoundaryIoU = double.NaN,
            BoxL1Score = Mean(sides),
            Format = double.NaN,
            LookSpan = double.NaN,
            NonRepetition = double.NaN,
        };
    }

    internal static CandidateMetrics WithText(CandidateMetrics metrics, TextAnswer text) => WithText(metrics, text.Thinking, text.Looks.Count);

    private static CandidateMetrics WithText(CandidateMetrics metrics, ReadOnlySpan<char> thinking, int looks) => metrics with
    {
        Format = 1,
        LookSpan = looks > 0 ? 1 : 0,
        NonRepetition = Repetition.Score(thinking),
    };

    internal static CandidateMetrics Failed(FailedAnswer answer) => CandidateMetrics.Failed with { IsOverLong = answer.Reason == FailedAnswerReason.OverLong };
}
