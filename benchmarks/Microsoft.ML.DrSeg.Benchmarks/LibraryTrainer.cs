using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>The step of GRPO as the library's own policy lets it be done.</summary>
internal sealed class LibraryTrainer(IVisionLanguagePolicy policy, PromptBatch prompts, int group)
{
    private readonly AdamW _optimizer = optim.AdamW(policy.Parameters(), GrpoStep.LearningRate, weight_decay: GrpoStep.WeightDecay);
    private ulong _seed;

    public GeneratedAnswer[][] Sample() => policy.Generate(prompts, group, new AnswerSampling(1f, FirstGreedy: false, ++_seed));

    /// <summary>The answers as tensors [B, G, T].</summary>
    public PeerAnswers Tensors(GeneratedAnswer[][] answers)
    {
        int length = answers.Max(group => group.Max(answer => answer.Tokens.Length));
        long[] shape = [answers.Length, group, length];
        var tokens = new long[answers.Length * group * length];
        var old = new float[tokens.Length];
        var counted = new float[tokens.Length];
        for (int i = 0; i < answers.Length * group; i++)
        {
            GeneratedAnswer answer = answers[i / group][i % group];
            for (int j = 0; j < answer.Tokens.Length; j++)
                (tokens[i * length + j], old[i * length + j], counted[i * length + j]) = (answer.Tokens[j], answer.LogProbabilities[j], 1);
        }
        return new PeerAnswers(tensor(tokens, shape), tensor(old, shape), tensor(counted, shape));
    }

    /// <summary>One update by given answers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="advantages">[B, G, 1].</param>
    public void Update(PeerAnswers answers, Tensor advantages)
    {
        using var scope = NewDisposeScope();
        Loss(answers, advantages).backward();
        nn.utils.clip_grad_norm_(policy.Parameters(), GrpoStep.LargestGradientNorm);
        _optimizer.step();
        _optimizer.zero_grad();
    }

    /// <summary>The loss, with a gradient.</summary>
    public Tensor Loss(PeerAnswers answers, Tensor advantages)
    {
        Tensor before = policy.Score(prompts, answers.Tokens, answers.Counted, new ScoreOptions { Reference = true }).LogProbabilities;
        return GrpoStep.Loss(LogProbabilities(answers.Tokens, answers.Counted), before, answers.LogProbabilities, answers.Counted, advantages);
    }

    /// <summary>[B, G, T] log-probabilities of given tokens under the policy.</summary>
    public Tensor LogProbabilities(Tensor tokens, Tensor counted) => policy.Score(prompts, tokens, counted, new ScoreOptions { Gradient = true }).LogProbabilities;
}
