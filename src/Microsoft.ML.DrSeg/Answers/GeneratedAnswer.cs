using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>One answer as a policy generated it, token by token.</summary>
/// <param name="Tokens">The tokens, the one that ends it included where it was reached.</param>
/// <param name="LogProbabilities">Natural logarithm of each token's probability under the policy at temperature 1.</param>
/// <param name="Ended">Whether the policy ended it; false where it was cut off at its longest answer.</param>
/// <param name="Parsed">What it says, in pixels of the image: a <see cref="TextAnswer"/>, or a <see cref="FailedAnswer"/> where it cannot be read.</param>
public sealed record GeneratedAnswer(int[] Tokens, float[] LogProbabilities, bool Ended, ParsedAnswer Parsed)
{
    /// <summary>What the policy wrote, word for word, whether it can be read or not; null for a policy whose tokens are no words.</summary>
    public string? Text { get; init; }

    /// <summary>The answered objects; none where the answer is "there is nothing like that here", null where it failed.</summary>
    public IReadOnlyList<SegmentedObject>? Objects => (Parsed as TextAnswer)?.Objects;

    /// <summary>The box around all answered objects together; null where there is none.</summary>
    public BoundingBox? Box => Objects is { Count: > 0 } objects ? objects.Select(one => one.Box).Aggregate((all, box) => all.Enclose(box)) : null;

    /// <summary>Why it cannot be read; null where it can.</summary>
    public FailedAnswer? Failure => Parsed as FailedAnswer;

    /// <summary>Log-probability of the whole answer: the sum over its tokens.</summary>
    public double LogProbability => LogProbabilities.Sum(p => (double)p);

    /// <summary>The answer as text; where it failed, why.</summary>
    public string ToText() => Parsed is TextAnswer answer ? Text ?? answer.ToText() : $"no answer: {Failure!.Detail}";
}
