using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Puts a <see cref="QwenCheck"/> together, of files that are read in a moment: no weight is loaded.</summary>
internal sealed class QwenChecks
{
    private const int ProblemsTold = 20, Pictures = 4;

    private readonly QwenFolder _folder;
    private readonly QwenModelOptions _options;
    private readonly QwenPolicySettings _settings;
    private readonly GrpoOptions _training;
    private readonly string _segmenter;

    public QwenChecks(string folder, string segmenter, QwenModelOptions options, GrpoOptions training)
    {
        OptionReading.Require(options);
        OptionReading.Require(training);
        (_options, _training, _segmenter) = (options, training, segmenter);
        _folder = QwenFolder.Open(new(folder));
        _settings = QwenModel.Settings(_folder, options);
    }

    /// <param name="rows">What is to be trained on.</param>
    /// <param name="most">Rows to look at, at most.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    public QwenCheck Of(IEnumerable<AnnotatedQuery> rows, int most, CancellationToken cancellation)
    {
        var rowChecks = new RowChecks(_folder, _settings);
        List<RowCheck> all = [];
        List<string> problems = [];
        List<ShownRow> pictures = [];
        List<IReadOnlyList<BoundingBox>> boxes = [];
        foreach (AnnotatedQuery row in rows.Take(most))
        {
            cancellation.ThrowIfCancellationRequested();
            RowCheck check = rowChecks.Of(row);
            if (check.Problem is not null && problems.Count < ProblemsTold) problems.Add($"Row {all.Count} ('{row.ImagePath}', \"{row.Query}\"): {check.Problem}");
            if (check.Problem is null && pictures.Count < Pictures) pictures.Add(Seen(row, check));
            all.Add(check);
            boxes.Add([.. row.Objects.Select(one => one.Box)]);
        }
        if (all.Count == 0) throw new InvalidDataException("The data have no rows. Check what they are filtered by.");
        double[] overlaps = [.. all.SelectMany(row => row.BoxIoUs)];
        bool[] points = [.. all.SelectMany(row => row.PointsOnObject)];
        Sam2Shape segmenter = SegmenterShape();
        TrainedPart[] trained = [.. Trained(segmenter)];
        TokenCounts prompts = Counts(all, row => row.PromptTokens);
        var memory = new MemoryEstimate(
            _folder.Shape, segmenter, _options.WeightType ?? ScalarType.BFloat16, trained.Sum(part => part.Parameters), _training.Sampling.QueriesPerStep,
            _training.Sampling.GroupSize, Math.Min(prompts.Longest, _settings.LongestPrompt), _settings.LongestAnswer);
        return new QwenCheck
        {
            Parameters = MemoryEstimate.Parameters(_folder.Shape),
            Rows = all.Count,
            PromptTokens = prompts,
            ImageTokens = Counts(all, row => row.ImageTokens),
            AnswerTokens = Counts(all, row => row.AnswerTokens),
            Objects = overlaps.Length,
            MeanBoxIoU = overlaps.DefaultIfEmpty(1).Average(),
            LeastBoxIoU = overlaps.DefaultIfEmpty(1).Min(),
            PointsOnObjects = points.Length == 0 ? 1 : points.Count(lies => lies) / (double)points.Length,
            FailedRows = all.Count(row => row.Problem is not null),
            Problems = problems,
            FrameSuspicion = FrameSuspicion.OfTruth(boxes),
            Trained = trained,
            Memory = memory.Stages(),
            Pictures = pictures,
        };
    }

    // Rows that were refused before they were counted have none.
    private static TokenCounts Counts(List<RowCheck> rows, Func<RowCheck, int> tokens)
    {
        int[] counted = [.. rows.Select(tokens).Where(count => count > 0)];
        return counted.Length == 0 ? default : new(counted.Average(), counted.Max());
    }

    private ShownRow Seen(AnnotatedQuery row, RowCheck check) =>
        new(row.Query, SeenPicture.Of(RgbImage.Load(row.ImagePath, (row.Mask.Width, row.Mask.Height)), check.InText, check.Frame, _settings.Recipe.Sizing, _folder.Processing));

    private IEnumerable<TrainedPart> Trained(Sam2Shape segmenter)
    {
        yield return Adapter();
        if (_training.Optimizer.ConfirmationLearningRate > 0)
            yield return new TrainedPart("confirming head", [], MemoryEstimate.Count(SamConfirmationWeights.Shapes(new(segmenter.FeatureWidth, _folder.Shape.Text.HiddenSize))));
    }

    private TrainedPart Adapter()
    {
        const string Name = "adapter (LoRA)";
        TextShape shape = _folder.Shape.Text;
        if (_options.Adapter is null)
            return new(Name, [.. TextModules.All.Select(module => module.Path())], LoraAdapter.Numbers(shape, _options.LoraRank));
        using LoraAdapter given = AdapterFolder.Read(_options.Adapter, shape, CPU);
        return new(Name, [.. given.Modules().Select(one => one.Module).Distinct().Order().Select(module => module.Path())], given.Parameters().Sum(factor => factor.numel()));
    }

    private Sam2Shape SegmenterShape()
    {
        (ITensorSource source, Sam2Shape shape) = Sam2Files.Open(_segmenter);
        (source as IDisposable)?.Dispose();
        return shape;
    }
}
