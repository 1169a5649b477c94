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
        var origins = new List<Origin>();
        int prompts = 0;
        Places = [.. looks.Select(look => new int[look.Answers.Sum(answers => answers.Length)])];
        for (int query = 0; query < queries; query++)
        {
            for (int l = 0; l < looks.Length; l++)
                for (int p = 0; p < owners[l].Length; p++)
                {
                    if (owners[l][p] != query) continue;
                    GeneratedAnswer[] answers = looks[l].Answers[p];
                    for (int g = 0; g < answers.Length; g++)
                    {
                        Places[l][p * answers.Length + g] = candidates.Count;
                        candidates.Add(new Candidate(query, answers[g], looks[l].Masks[p][g]));
                        origins.Add(new Origin(prompts, l, looks[l].Prompts.Prompts[p].Look));
                    }
                    prompts++;
                }
        }
        (Candidates, Origins) = ([.. candidates], [.. origins]);
    }

    public Candidate[] Candidates { get; }

    /// <summary>Where each of <see cref="Candidates"/> comes from.</summary>
    public Origin[] Origins { get; }

    /// <summary>For each look, where its answers, prompt after prompt, stand among <see cref="Candidates"/>.</summary>
    public int[][] Places { get; }

    /// <summary>Where an answer comes from.</summary>
    /// <param name="Prompt">Its prompt, in the order of the answers.</param>
    /// <param name="Look">Its look.</param>
    /// <param name="View">0 for the whole image, 1 and up for closer views.</param>
    public readonly record struct Origin(int Prompt, int Look, int View);
}
