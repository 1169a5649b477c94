using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// The policy's part of one step of GRPO: 24 queries, 8 answers each, sampled, scored under policy and reference and learned
/// from once, without segmenting and measuring. Beside the library's own step the same in the usual arrangements, written for
/// TorchSharp as trainers write it for PyTorch; <c>benchmarks/peers/grpo_step.py</c> has them on PyTorch itself. All begin with
/// the base model's weights, and before anything is measured they must agree on given answers.
/// </summary>
/// <remarks>The ratio says how many times as long as the library's a step takes.</remarks>
[SimpleJob(RunStrategy.Monitoring, warmupCount: 3, iterationCount: 15), MinColumn, MedianColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory), CategoriesColumn]
public class TrainingBenchmarks
{
    private const int Queries = 24, Group = 8, Side = 64;
    private LibraryTrainer _library = null!;
    private PeerTrainer _plain = null!, _cached = null!, _shared = null!;
    private Tensor _advantages = null!, _peerAdvantages = null!;

    [GlobalSetup]
    public void SetUp()
    {
        manual_seed(1);
        var model = DrSegModel.LoadBase();
        var policy = (CompactPolicy)model.Policy;
        var random = new Random(1);
        var pixels = new byte[3 * Side * Side];
        random.NextBytes(pixels);
        var image = new RgbImage(Side, Side, pixels);
        var prompts = (CompactPromptBatch)policy.Prepare([.. Enumerable.Range(0, Queries).Select(i => new PolicyPrompt(ImageView.Whole(image), model.Vocabulary.Nouns[i % model.Vocabulary.Nouns.Count], i))]);
        _advantages = rand(Queries, Group, 1) - 0.5;
        _peerAdvantages = _advantages.view(-1, 1);
        policy.FreezeReference();
        _library = new LibraryTrainer(policy, prompts, Group);
        _plain = new PeerTrainer(PeerArrangement.Plain, policy, prompts, Group);
        _cached = new PeerTrainer(PeerArrangement.Cached, policy, prompts, Group);
        _shared = new PeerTrainer(PeerArrangement.Shared, policy, prompts, Group);
        new TrainingCheck(_library, policy.Network, _advantages).Run(_plain, _cached, _shared);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("step")]
    public void Step()
    {
        using var scope = NewDisposeScope();
        _library.Update(_library.Tensors(_library.Sample()), _advantages);
    }

    [Benchmark, BenchmarkCategory("step")]
    public void PlainStep() => Step(_plain);

    [Benchmark, BenchmarkCategory("step")]
    public void CachedStep() => Step(_cached);

    [Benchmark, BenchmarkCategory("step")]
    public void SharedStep() => Step(_shared);

    [Benchmark(Baseline = true), BenchmarkCategory("sampling")]
    public GeneratedAnswer[][] Sampling() => _library.Sample();

    [Benchmark, BenchmarkCategory("sampling")]
    public void PlainSampling() => Sample(_plain);

    [Benchmark, BenchmarkCategory("sampling")]
    public void CachedSampling() => Sample(_cached);

    [Benchmark, BenchmarkCategory("sampling")]
    public void SharedSampling() => Sample(_shared);

    private void Step(PeerTrainer peer)
    {
        using var scope = NewDisposeScope();
        peer.Update(peer.Sample(), _peerAdvantages);
    }

    private static void Sample(PeerTrainer peer)
    {
        using var scope = NewDisposeScope();
        peer.Sample();
    }
}
