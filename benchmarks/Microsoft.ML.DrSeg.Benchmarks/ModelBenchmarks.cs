using BenchmarkDotNet.Attributes;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>Answering 32 queries: one greedy answer each, and Look-to-Confirm with a second look at none or at all.</summary>
public class ModelBenchmarks
{
    private const int Queries = 32, Size = 192;
    private readonly DrSegModel _model = DrSegModel.LoadBase();
    private readonly SegmentationQuery[] _queries;
    private readonly PolicyPrompt[] _prompts;

    public ModelBenchmarks()
    {
        var pixels = new byte[3 * Size * Size];
        new Random(1).NextBytes(pixels);
        var image = new RgbImage(Size, Size, pixels);
        _queries = [.. Enumerable.Range(0, Queries).Select(i => new SegmentationQuery(image, "dog", i))];
        _prompts = [.. _queries.Select(query => new PolicyPrompt(ImageView.Whole(image), query.Text, query.Id))];
    }

    [Benchmark(Baseline = true)]
    public void Greedy()
    {
        using var look = Look.Take(_model.Policy, _model.Segmenter, _prompts, 1, AnswerSampling.Greedy);
    }

    [Benchmark]
    [Arguments(0f)]
    [Arguments(2f)]
    public void LookToConfirm(float threshold)
    {
        using LookToConfirmSession session = new LookToConfirmLoop(_model).Run(_queries, new LookToConfirmOptions { Threshold = threshold }, seed: 1);
    }
}
