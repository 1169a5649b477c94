using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What all processes know of an answer: enough to reward it and to report on it. Its pixels and tokens stay with the process that drew it.</summary>
/// <param name="Query">Its query, as it stands in the whole step.</param>
/// <param name="Prompt">Its prompt, numbered within the process that drew it.</param>
/// <param name="Look">The pass of the policy that it came from, numbered within the process.</param>
/// <param name="View">0 for an answer to the whole image, 1 and up for closer views.</param>
/// <param name="Tokens">How many it has.</param>
/// <param name="Ended">Whether the policy ended it.</param>
/// <param name="Failure">Why it cannot be read; null where it can.</param>
internal readonly record struct MeasuredAnswer(
    CandidateMetrics Metrics, int Query, int Prompt, int Look, int View, int Tokens, bool Ended, FailedAnswerReason? Failure);
