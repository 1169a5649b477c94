using Microsoft.ML.DrSeg.Compact;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>How answers get at their prompt and at the tokens before them.</summary>
internal enum PeerArrangement
{
    /// <summary>Every answer has its own copy of the prompt, and every token of sampling reads all before it anew.</summary>
    Plain,

    /// <summary>The same copies, but sampling keeps keys and values: what trainers of language models mostly do.</summary>
    Cached,

    /// <summary>Sampling and update read a prompt once and copy its keys and values for its answers.</summary>
    Shared,
}

/// <summary>Answers drawn for N sequences, T tokens each.</summary>
/// <param name="Tokens">[N, T]; after an answer's end, End.</param>
/// <param name="LogProbabilities">[N, T].</param>
/// <param name="Counted">[N, T], 1 up to an answer's end.</param>
internal sealed record PeerAnswers(Tensor Tokens, Tensor LogProbabilities, Tensor Counted);

/// <summary>The step of GRPO in one of its usual arrangements, written for TorchSharp as it is for PyTorch.</summary>
internal sealed class PeerTrainer
{
    private readonly PeerArrangement _arrangement;
    private readonly AnswerGrammar _grammar;
    private readonly int _group;
    private readonly PeerNetwork _policy, _reference;
    private readonly AdamW _optimizer;
    private readonly Tensor _images, _queries;

    /// <param name="arrangement">Which.</param>
    /// <param name="start">The policy to begin with, which is the reference too.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="group">Answers a prompt.</param>
    public PeerTrainer(PeerArrangement arrangement, CompactPolicy start, CompactPromptBatch prompts, int group)
    {
        _arrangement = arrangement;
        _group = group;
        _grammar = start.Grammar;
        _policy = new PeerNetwork(start);
        _reference = new PeerNetwork(start);
        _optimizer = optim.AdamW(_policy.parameters(), GrpoStep.LearningRate, weight_decay: GrpoStep.WeightDecay);
        bool own = arrangement != PeerArrangement.Shared;
        _images = own ? prompts.Images.repeat_interleave(group, 0) : prompts.Images;
        _queries = own ? prompts.Queries.repeat_interleave(group, 0) : prompts.Queries;
    }

    public PeerArrangement Arrangement => _arrangement;

    public PeerNetwork Policy => _policy;

    public PeerAnswers Sample()
    {
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        Tensor start = Start();
        List<Tensor> tokens = [start], logs = [], counted = [];
        Tensor ended = zeros(start.shape, ScalarType.Bool);
        (Tensor, Tensor)[]? cache = _arrangement == PeerArrangement.Plain ? null : ReadPrompts(_policy);
        for (int at = 0; at < _grammar.LongestAnswer; at++)
        {
            using var tokenScope = NewDisposeScope();
            Tensor logits;
            if (cache is null)
            {
                logits = _policy.Whole(_images, _queries, cat(tokens, 1));
            }
            else
            {
                (Tensor Keys, Tensor Values)[] before = cache;
                (logits, cache) = _policy.Extend(tokens[^1], before, at);
                foreach ((Tensor keys, Tensor values) in before) { keys.Dispose(); values.Dispose(); }
                foreach ((Tensor keys, Tensor values) in cache) { keys.MoveToOuterDisposeScope(); values.MoveToOuterDisposeScope(); }
            }
            Tensor distribution = logits.select(1, -1).log_softmax(-1);
            Tensor drawn = multinomial(distribution.exp(), 1).masked_fill(ended, _grammar.End);
            tokens.Add(drawn.MoveToOuterDisposeScope());
            logs.Add(distribution.gather(-1, drawn).MoveToOuterDisposeScope());
            counted.Add(ended.logical_not().to_type(float32).MoveToOuterDisposeScope());
            ended = ended.logical_or(drawn.eq(_grammar.End)).MoveToOuterDisposeScope();
            if (ended.all().item<bool>()) break;
        }
        return new PeerAnswers(cat(tokens[1..], 1).MoveToOuterDisposeScope(), cat(logs, 1).MoveToOuterDisposeScope(), cat(counted, 1).MoveToOuterDisposeScope());
    }

    /// <summary>One update by given answers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="advantages">[N, 1].</param>
    public void Update(PeerAnswers answers, Tensor advantages)
    {
        using var scope = NewDisposeScope();
        Loss(answers, advantages).backward();
        nn.utils.clip_grad_norm_(_policy.parameters(), GrpoStep.LargestGradientNorm);
        _optimizer.step();
        _optimizer.zero_grad();
    }

    /// <summary>The loss, with a gradient.</summary>
    public Tensor Loss(PeerAnswers answers, Tensor advantages)
    {
        Tensor before;
        using (no_grad()) before = LogProbabilities(_reference, answers.Tokens);
        return GrpoStep.Loss(LogProbabilities(_policy, answers.Tokens), before, answers.LogProbabilities, answers.Counted, advantages);
    }

    /// <summary>[N, T] log-probabilities of given tokens under the policy.</summary>
    public Tensor LogProbabilities(Tensor tokens) => LogProbabilities(_policy, tokens);

    private Tensor LogProbabilities(PeerNetwork network, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        Tensor input = cat([Start(), tokens.narrow(1, 0, tokens.shape[1] - 1)], 1);
        Tensor logits = _arrangement == PeerArrangement.Shared ? network.Extend(input, ReadPrompts(network), 0).Logits : network.Whole(_images, _queries, input);
        return GrpoStep.LogProbabilities(logits, tokens).MoveToOuterDisposeScope();
    }

    private (Tensor Keys, Tensor Values)[] ReadPrompts(PeerNetwork network)
    {
        (Tensor Keys, Tensor Values)[] cache = network.ReadPrompt(_images, _queries);
        return _arrangement == PeerArrangement.Shared
            ? Array.ConvertAll(cache, block => (block.Keys.repeat_interleave(_group, 0), block.Values.repeat_interleave(_group, 0)))
            : cache;
    }

    private Tensor Start() => full([_arrangement == PeerArrangement.Shared ? _images.shape[0] * _group : _images.shape[0], 1], (long)_grammar.Start, int64);
}
