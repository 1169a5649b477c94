using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// Whether training keeps its memory: resident memory over many steps of a small model, with all that may leak switched on
/// (Look-to-Confirm, reference windows, shuffling, checkpoints, validation, pictures).
/// </summary>
internal sealed class TrainingMemory : IProgress<GrpoStepMetrics>
{
    private const int Rows = 64, Readings = 10;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<double> _megabytes = [];
    private readonly int _every;

    private TrainingMemory(int steps) => _every = Math.Max(steps / Readings, 1);

    public static int Run(string[] task)
    {
        int steps = 10_000;
        if (task.Length > 1 || (task is [var number] && !(int.TryParse(number, CultureInfo.InvariantCulture, out steps) && steps > 0)))
        {
            Console.Error.WriteLine("Usage: training-memory [STEPS]");
            return 2;
        }
        var memory = new TrainingMemory(steps);
        string folder = Directory.CreateTempSubdirectory("drseg-benchmark-").FullName;
        try
        {
            memory.Train(steps, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        // The first tenth fills caches and pools.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{memory._megabytes[^1] - memory._megabytes[1]:+0.0;-0.0} MB from the first reading of training to the last"));
        return 0;
    }

    /// <inheritdoc/>
    public void Report(GrpoStepMetrics value)
    {
        if (value.Step % _every == 0) Read(value.Step);
    }

    private void Train(int steps, string folder)
    {
        manual_seed(1);
        var context = new MLContext(1);
        string[] nouns = ["dog", "cat"];
        int words = new QueryVocabulary(nouns).Size;
        using DrSegModel model = CompactModel.Create(new CompactModelShape(
            nouns, new CompactPolicyShape(words, nouns.Length, ViewSize: 32, Width: 64, Heads: 2, Layers: 2), new CompactSegmenterShape(), new CompactConfirmationShape(words, CropSize: 32)));
        PipelineRow[] rows = PipelineRow.Many(Rows);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Query = nouns[i % nouns.Length];
            rows[i].Mask = SegmentationMask.FromBox(new BoundingBox(i, i, i + 80, i + 60), PipelineRow.Size, PipelineRow.Size);
        }
        IDataView data = context.Data.LoadFromEnumerable(rows);
        Read(0);
        using DrSegModel trained = context.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = model,
            Training = new()
            {
                Steps = steps,
                Run = new RunOptions(folder) { CheckpointEveryNSteps = _every, SampleEveryNSteps = _every },
                Validation = new() { EveryNSteps = _every },
                Sampling = new() { QueriesPerStep = 2, GroupSize = 4, ShufflePoolSize = 16, LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.5f } },
            },
            Reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow }),
            ValidationData = data,
            LogEveryNSteps = 0,
            Progress = this,
        }).Fit(data).Model;
    }

    private void Read(int step)
    {
        _megabytes.Add(ResidentMemory.Bytes() / 1e6);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step,6}, {_clock.Elapsed.TotalSeconds,5:0} s: {_megabytes[^1]:0.0} MB"));
    }
}
