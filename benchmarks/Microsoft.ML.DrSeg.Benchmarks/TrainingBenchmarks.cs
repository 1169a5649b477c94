using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// The policy's part of one step of GRPO: 24 queries, 8 answers each, sampled and learned from once, without segmenting and
/// measuring. <c>benchmarks/peers/grpo_step.py</c> does the same work in PyTorch eager.
/// </summary>
public class TrainingBenchmarks
{
    private const int Queries = 24, Group = 8, Side = 64;
    private readonly IVisionLanguagePolicy policy, reference;
    private readonly AdamW optimizer;
    private readonly PromptBatch prompts;
    private readonly float[] advantages = new float[Queries * Group];
    private ulong seed;

    public TrainingBenchmarks()
    {
        manual_seed(1);
        DrSegModel model = DrSegModel.LoadBase();
        policy = model.Policy;
        reference = policy.Clone();
        optimizer = optim.AdamW(policy.Parameters(), 1e-4, weight_decay: 0.01);
        var random = new Random(1);
        var pixels = new byte[3 * Side * Side];
        random.NextBytes(pixels);
        var image = new RgbImage(Side, Side, pixels);
        prompts = policy.Prepare([.. Enumerable.Range(0, Queries).Select(i => new PolicyPrompt(ImageView.Whole(image), model.Vocabulary.Encode(model.Vocabulary.Nouns[i % model.Vocabulary.Nouns.Count]), i))]);
        for (int i = 0; i < advantages.Length; i++) advantages[i] = (float)random.NextDouble() - 0.5f;
    }

    [Benchmark]
    public GeneratedAnswer[][] Sampling() => policy.Generate(prompts, Group, new AnswerSampling(1f, FirstGreedy: false, ++seed));

    [Benchmark]
    public void Step()
    {
        using var scope = NewDisposeScope();
        GeneratedAnswer[][] answers = Sampling();
        int length = answers.Max(group => group.Max(answer => answer.Tokens.Length));
        long[] shape = [Queries, Group, length];
        var tokens = new long[Queries * Group * length];
        var old = new float[tokens.Length];
        var mask = new float[tokens.Length];
        for (int i = 0; i < Queries * Group; i++)
        {
            GeneratedAnswer answer = answers[i / Group][i % Group];
            for (int j = 0; j < answer.Tokens.Length; j++)
                (tokens[i * length + j], old[i * length + j], mask[i * length + j]) = (answer.Tokens[j], answer.LogProbabilities[j], 1);
        }
        Tensor given = tensor(tokens, shape), counted = tensor(mask, shape), advantage = tensor(advantages, [Queries, Group, 1]);
        Tensor LogProbabilities(IVisionLanguagePolicy model) => model.Logits(prompts, given).log_softmax(-1).gather(-1, given.unsqueeze(-1)).squeeze(-1);
        Tensor before;
        using (no_grad()) before = LogProbabilities(reference);
        Tensor now = LogProbabilities(policy), ratio = (now - tensor(old, shape)).exp(), d = (before - now).clamp(-10, 10);
        Tensor loss = ((-minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage) + 0.01 * (d.exp() - d - 1)) * counted).sum() / counted.sum();
        loss.backward();
        nn.utils.clip_grad_norm_(policy.Parameters(), 1);
        optimizer.step();
        optimizer.zero_grad();
    }
}
