using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.LookToConfirm;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The answers of some looks in the one order that ranking and baseline share: query by query, within a query look by look, within a
/// look prompt by prompt.
/// </summary>
internal sealed class CandidateOrder
{
    /// <param name="looks">The looks; all answers of a look have groups of one size.</param>
    /// <param name="owners">For each prompt of each look, the index of its query.</param>
    public CandidateOrder(int queries, Look[] looks, int[][] owners)
    {
        var candidates = new List<Candidate>();
        var promptSizes = new List<int>();
        QuerySizes = new int[queries];
        Places = [.. looks.Select(look => new int[look.Answers.Sum(answers => answers.Length)])];
        for (int query = 0; query < queries; query++)
        {
            int first = candidates.Count;
            for (int l = 0; l < looks.Length; l++)
                for (int p = 0; p < owners[l].Length; p++)
                {
                    if (owners[l][p] != query) continue;
                    GeneratedAnswer[] answers = looks[l].Answers[p];
                    promptSizes.Add(answers.Length);
                    for (int g = 0; g < answers.Length; g++)
                    {
                        Places[l][p * answers.Length + g] = candidates.Count;
                        candidates.Add(new Candidate(query, answers[g], looks[l].Masks[p][g]));
                    }
                }
            QuerySizes[query] = candidates.Count - first;
        }
        (Candidates, PromptSizes) = ([.. candidates], [.. promptSizes]);
    }

    public Candidate[] Candidates { get; }

    /// <summary>How many each query has: they are ranked together.</summary>
    public int[] QuerySizes { get; }

    /// <summary>How many each prompt has, in the order of the answers: they share a baseline.</summary>
    public int[] PromptSizes { get; }

    /// <summary>For each look, where its answers, prompt after prompt, stand among <see cref="Candidates"/>.</summary>
    public int[][] Places { get; }
}
