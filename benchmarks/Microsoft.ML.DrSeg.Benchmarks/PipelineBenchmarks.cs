using BenchmarkDotNet.Attributes;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// Images of 192 x 192 pixels through Transform: 1,000 to the greedy answer, 100 to Look-to-Confirm, one row at a time or
/// many together, on one thread of libtorch and on two.
/// </summary>
[Config(typeof(PeerConfig))]
public class PipelineBenchmarks
{
    private const int Rows = 1000, LookRows = 100;
    private readonly MLContext _context = new(1);
    private readonly DrSegModel _model = DrSegModel.LoadBase();
    private IDataView _rows = null!;

    [Params(1, 8, 64)]
    public int Batch { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void MakeTheRows()
    {
        torch.set_num_threads(Threads);
        MLImage[] images = [.. Enumerable.Range(0, 8).Select(seed => PipelineRow.Noise(seed).ToMLImage())];
        _rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new PipelineRow { Image = images[i % images.Length] }).ToArray());
    }

    [GlobalCleanup]
    public void Dispose() => _model.Dispose();

    [Benchmark(OperationsPerInvoke = Rows)]
    public long Greedy() => Area(Answering(_model, Batch), _rows);

    [Benchmark(OperationsPerInvoke = LookRows)]
    public long LookToConfirm() => Area(Looking(_context, _model, Batch, _rows), _context.Data.TakeRows(_rows, LookRows));

    internal static ITransformer Answering(DrSegModel model, int batch) =>
        new GrpoSegmentationTransformer(model, new GrpoSegmentationTrainer.Options { PredictionBatchSize = batch });

    internal static ITransformer Looking(MLContext context, DrSegModel model, int batch, IDataView rows) =>
        context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = model, Threshold = model.Threshold, PredictionBatchSize = batch }).Fit(rows);

    internal static long Area(ITransformer step, IDataView some) => step.Transform(some).GetColumn<SegmentationMask>("PredictedMask").Sum(mask => mask.Area);
}

/// <summary>Several threads that ask one pool for greedy answers at once, on one thread of libtorch each and on two.</summary>
[Config(typeof(PeerConfig))]
public class PredictionPoolBenchmarks
{
    private const int Questions = 32;
    private readonly MLContext _context = new(1);
    private readonly GrpoSegmentationTransformer _answering = new(DrSegModel.LoadBase());
    private PipelineRow[] _questions = [];
    private PredictionPool<PipelineRow, PipelinePrediction> _pool = null!;

    [Params(1, 2, 4, 8)]
    public int Callers { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void MakeThePool()
    {
        torch.set_num_threads(Threads);
        _questions = PipelineRow.Many(Questions);
        _pool = _context.DrSeg().CreatePredictionPool<PipelineRow, PipelinePrediction>(_answering);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _pool.Dispose();
        _answering.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Questions)]
    public void Greedy()
    {
        int next = -1;
        // Threads of their own: those of the thread pool may have another number of libtorch's from before.
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(_ => new Thread(() =>
        {
            for (int i = Interlocked.Increment(ref next); i < Questions; i = Interlocked.Increment(ref next))
                _pool.Predict(_questions[i]);
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
    }
}

/// <summary>One image through a PredictionEngine: the greedy answer, and Look-to-Confirm with a second look at none or at all.</summary>
public class PredictionEngineBenchmarks
{
    private readonly MLContext _context = new(1);
    private readonly GrpoSegmentationTransformer _answering = new(DrSegModel.LoadBase());
    private readonly PipelineRow _row = new() { Image = PipelineRow.Noise(1).ToMLImage() };
    private readonly PredictionEngine<PipelineRow, PipelinePrediction> _greedy, _once, _twice;

    public PredictionEngineBenchmarks()
    {
        _greedy = Engine(_answering);
        _once = Engine(Looking(threshold: 0));
        _twice = Engine(Looking(threshold: 2));
    }

    [Benchmark(Baseline = true)]
    public long Greedy() => _greedy.Predict(_row).PredictedMask!.Area;

    [Benchmark]
    public long LookOnce() => _once.Predict(_row).PredictedMask!.Area;

    [Benchmark]
    public long LookTwice() => _twice.Predict(_row).PredictedMask!.Area;

    private LookToConfirmTransformer Looking(float threshold) => _context.DrSeg()
        .LookToConfirm(new LookToConfirmEstimator.Options { Model = _answering.Model, Threshold = threshold }).Fit(_context.Data.LoadFromEnumerable(new[] { _row }));

    private PredictionEngine<PipelineRow, PipelinePrediction> Engine(ITransformer model) =>
        _context.Model.CreatePredictionEngine<PipelineRow, PipelinePrediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
}

/// <summary>The base model's pipeline to a file and back, by SaveDrSeg and by mlContext.Model.Save, and its first answer after loading.</summary>
public class SavingBenchmarks
{
    private readonly MLContext _context = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("drseg-benchmark-").FullName;
    private readonly GrpoSegmentationTransformer _transformer = new(DrSegModel.LoadBase());
    private IDataView _row = null!;

    private string Own => Path.Combine(_folder, "pipeline.drseg");

    private string Official => Path.Combine(_folder, "pipeline.zip");

    [GlobalSetup]
    public void SaveOnce()
    {
        _row = _context.Data.LoadFromEnumerable(new[] { new PipelineRow { Image = PipelineRow.Noise(1).ToMLImage() } });
        SaveDrSeg();
        SaveMLNet();
    }

    [GlobalCleanup]
    public void RemoveTheFolder() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public void SaveDrSeg() => _transformer.SaveDrSeg(Own);

    [Benchmark]
    public void SaveMLNet() => _context.Model.Save(_transformer, _row.Schema, Official);

    [Benchmark]
    public float LoadDrSegAndAnswer()
    {
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(Own);
        return loaded.Transform(_row).GetColumn<float>("Score").Single();
    }

    [Benchmark]
    public float LoadMLNetAndAnswer() => _context.Model.Load(Official, out _).Transform(_row).GetColumn<float>("Score").Single();
}

/// <summary>What is asked.</summary>
public sealed class PipelineRow
{
    public const int Size = 192;

    [Transforms.Image.ImageType(Size, Size)]
    public MLImage? Image { get; set; }

    public string Query { get; set; } = "dog";

    [SegmentationMaskType]
    public SegmentationMask Mask { get; set; } = SegmentationMask.Empty(Size, Size);

    /// <summary>Rows with a picture of noise each.</summary>
    public static PipelineRow[] Many(int count) => [.. Enumerable.Range(0, count).Select(seed => new PipelineRow { Image = Noise(seed).ToMLImage() })];

    public static RgbImage Noise(int seed)
    {
        var pixels = new byte[3 * Size * Size];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(Size, Size, pixels);
    }
}

/// <summary>What is answered.</summary>
public sealed class PipelinePrediction
{
    [SegmentationMaskType]
    public SegmentationMask? PredictedMask { get; set; }
}
