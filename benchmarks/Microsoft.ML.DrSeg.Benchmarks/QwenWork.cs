using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Qwen;
using Microsoft.ML.DrSeg.Qwen.Tests;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// The two halves of a policy's step, sampling and update, on one engine in several arrangements: a small text model of random
/// weights with an adapter, one prompt of words, and answers that all have their full length. Letters: G answers, T tokens of each.
/// </summary>
internal sealed class QwenWork : IDisposable
{
    public const int PromptLength = 200;

    private static readonly TextShape Shape = new()
    {
        HiddenSize = 512, Layers = 8, Heads = 8, KeyValueHeads = 2, HeadSize = 64, IntermediateSize = 1408, VocabularySize = 2048,
        NormEpsilon = 1e-6, RopeTheta = 1e6, RopeSections = [8, 12, 12], RopeInterleaved = false, AttentionBias = true, HeadNorms = false, TiedEmbedding = true,
    };

    // Nothing of it is used: the prompt has no image.
    private static readonly VisionShape Vision = new()
    {
        Depth = 1, HiddenSize = 32, Heads = 2, IntermediateSize = 32, OutputSize = 512, PatchSize = 14, TemporalPatchSize = 2, MergeSize = 2,
    };

    private readonly TextModel _model = TextModel.Read(Shape, new RandomTensors(Shape), float32, CPU);
    private readonly LoraAdapter _adapter = LoraAdapter.Fresh(Shape, new LoraSettings(16, 32), seed: 1, CPU);
    private readonly TokenDistribution _distribution;
    private readonly TextPrompt _prompt;

    public QwenWork()
    {
        _distribution = new TokenDistribution(_model, []);
        _prompt = new TextPrompt([.. Enumerable.Range(0, PromptLength).Select(i => i * 7 % 2000)], [], null, new QwenShape(QwenFamily.Qwen25, Shape, Vision, 2044, 2045, 2046, 2047), CPU);
    }

    /// <summary>The library's sampling: the prompt is read once for its G answers.</summary>
    /// <returns>Their tokens, [G, T].</returns>
    public Tensor Sample(int answers, int length) =>
        tensor([.. SamplePrompts(1, answers, length, together: true).Single().SelectMany(answer => answer.Tokens).Select(token => (long)token)], [answers, length]);

    /// <summary>The same of several prompts: all their answers together, or one prompt after the other.</summary>
    public DrawnAnswer[][] SamplePrompts(int prompts, int answers, int length, bool together) =>
        new AnswerGenerator(_model, _distribution, ends: [], length, together ? AnswerGenerator.MostCacheBytes : 0)
            .Generate([.. Enumerable.Range(0, prompts).Select(id => new AskedPrompt(_prompt, new PromptKey(id, 0)))], answers, new AnswerSampling(1, FirstGreedy: false, Seed: 1), _adapter);

    /// <summary>The usual sampling: every answer's copy of the prompt is read, and then the answers are drawn together as the library draws them.</summary>
    public Tensor SampleFromCopies(int answers, int length)
    {
        for (int copy = 1; copy < answers; copy++) Sample(1, 1).Dispose();
        return Sample(answers, length);
    }

    /// <summary>The library's scoring and way back, layer by layer, with the prompt once for all of its answers.</summary>
    public void Update(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var scores = LayerwiseScores.Of([new AnswerScoring(_model, _distribution, _adapter, _prompt, tokens, ones(tokens.shape))], gradient: true, EntropyUse.None);
        scores.LogProbabilities.sum().backward();
        scores.Backward();
    }

    /// <summary>The usual update: a copy of the prompt for every answer, and one graph of all layers, so that no layer is computed anew on the way back.</summary>
    public void UpdateOfCopies(Tensor tokens)
    {
        int length = (int)tokens.shape[1];
        using var attention = new SharedPromptAttention(Shape, PromptLength, 1, length - 1, CPU);
        foreach (Tensor answer in tokens.unbind())
        {
            using Tensor own = answer;
            using var scope = NewDisposeScope();
            Tensor positions = cat([_prompt.Positions, arange(_prompt.NextPosition, _prompt.NextPosition + length - 1, int64).expand(3, -1)], 1);
            var rotation = TextRotation.Of(Shape, positions, _model.Type);
            Tensor hidden = cat([_model.Embed(_prompt), _model.Embed(own.narrow(0, 0, length - 1))]);
            for (int layer = 0; layer < Shape.Layers; layer++)
                hidden = _model.Run(layer, hidden, rotation, attention.Attend, _adapter, _prompt);
            TokenDistribution.LogProbabilities(_distribution.Logits(hidden.narrow(0, PromptLength - 1, length)), own).sum().backward();
        }
    }

    /// <summary>The adapter's gradients of an update, which are zero again afterwards.</summary>
    public float[] Gradients(Action update)
    {
        update();
        float[] gradients = [.. _adapter.Parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray())];
        foreach (TorchSharp.Modules.Parameter parameter in _adapter.Parameters()) parameter.grad!.zero_();
        return gradients;
    }

    public void Dispose()
    {
        _prompt.Dispose();
        _distribution.Dispose();
        _adapter.Dispose();
        _model.Dispose();
    }
}
