using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.Runtime;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Look-to-Confirm in a pipeline. After a <see cref="GrpoSegmentationTrainer"/> it finds the trained model by itself; alone it
/// is given one. Fitting learns the confidence below which a second look pays, where there are true masks to learn it from.
/// </summary>
public sealed class LookToConfirmEstimator : IEstimator<LookToConfirmTransformer>
{
    private const int BatchSize = 32;

    /// <summary>Columns, model, and how much to look.</summary>
    public sealed class Options : QueryOptions
    {
        private static readonly LookToConfirmOptions Usual = new();

        /// <summary>Output: estimated IoU of the mask with the object, 0..1 (Single); 0 where every answer failed.</summary>
        public string ConfidenceColumnName = "Confidence";

        /// <summary>Output: where mask and object agree, 0..1, row by row over a square grid (vector of Single); all 0 where every answer failed.</summary>
        public string ConfidenceMapColumnName = "ConfidenceMap";

        /// <summary>Output: the box of the image that the map's grid divides, x0, y0, x1, y1 in pixels (vector of 4 Single); may reach beyond the image.</summary>
        public string ConfidenceRegionColumnName = "ConfidenceRegion";

        /// <summary>Output: the mask of the first answer (<see cref="Masks.SegmentationMask"/>), the greedy one at the whole image; the columns above are of the answer that was confirmed.</summary>
        public string FirstMaskColumnName = "FirstMask";

        /// <summary>Output: the first answer as text.</summary>
        public string FirstAnswerColumnName = "FirstAnswer";

        /// <summary>Output: the confidence in the first answer, 0..1 (Single).</summary>
        public string FirstScoreColumnName = "FirstScore";

        /// <summary>Output: whether there was a second look (Boolean).</summary>
        public string SecondLookColumnName = "SecondLook";

        /// <summary>Output: how many answers were compared (Int32).</summary>
        public string HypothesesColumnName = "Hypotheses";

        /// <summary>The model; null for the one that a trainer earlier in the pipeline hands on. It stays the caller's to dispose.</summary>
        [JsonIgnore]
        public DrSegModel? Model;

        /// <summary>Answers of the first look, 1 to 4,096: one greedy, the others sampled.</summary>
        public int FirstLookAnswers = Usual.FirstLookAnswers;

        /// <summary>How many different proposals get a closer view when confidence stays low, 1 to 4,096.</summary>
        public int CloserViews = Usual.CloserViews;

        /// <summary>Answers from each closer view, at least 1: one greedy, the others sampled. At most 4,096 from all of them.</summary>
        public int AnswersPerCloserView = Usual.AnswersPerCloserView;

        /// <summary>Temperature of the sampled answers, above 0 and finite.</summary>
        public float Temperature = Usual.Temperature;

        /// <summary>How much surer of "there is nothing like that here" than of the best mask the check must be for that to be the answer, -1 to 1.</summary>
        public float NothingMargin = Usual.NothingMargin;

        /// <summary>Confidence below which there is a second look: 0 never looks twice, above 1 always; null to learn it.</summary>
        public float? Threshold;

        /// <summary>Price of a second look, in IoU, when the threshold is learned.</summary>
        public float SecondLookCost = ConfidenceThreshold.UsualCost;

        /// <summary>Most rows that the threshold is learned from, at least 1.</summary>
        public int ThresholdRows = 500;

        /// <summary>Fixes every random draw, together with the image and query that it is made for.</summary>
        public int Seed = 1;

        /// <summary>Told after every batch of rows that the threshold is learned from; null for nobody.</summary>
        [JsonIgnore]
        public IProgress<TrainingProgress>? Progress;

        /// <summary>Stops learning between two batches of rows.</summary>
        [JsonIgnore]
        public CancellationToken CancellationToken;

        internal Options Copy() => (Options)MemberwiseClone();

        internal override (string Option, string Name)[] Outputs =>
        [
            .. base.Outputs,
            (nameof(ConfidenceColumnName), ConfidenceColumnName), (nameof(ConfidenceMapColumnName), ConfidenceMapColumnName),
            (nameof(ConfidenceRegionColumnName), ConfidenceRegionColumnName), (nameof(FirstMaskColumnName), FirstMaskColumnName),
            (nameof(FirstAnswerColumnName), FirstAnswerColumnName), (nameof(FirstScoreColumnName), FirstScoreColumnName), (nameof(SecondLookColumnName), SecondLookColumnName),
            (nameof(HypothesesColumnName), HypothesesColumnName),
        ];

        internal LookToConfirmOptions Looking(float threshold) => new()
        {
            FirstLookAnswers = FirstLookAnswers,
            CloserViews = CloserViews,
            AnswersPerCloserView = AnswersPerCloserView,
            Temperature = Temperature,
            NothingMargin = NothingMargin,
            Threshold = threshold,
        };

        internal void Validate()
        {
            ValidateRows();
            OptionReading.Require(Looking(Threshold ?? 0));
            Require(float.IsFinite(SecondLookCost), nameof(SecondLookCost), SecondLookCost, "finite");
            Require(ThresholdRows >= 1, nameof(ThresholdRows), ThresholdRows, "at least 1");
        }
    }

    private readonly IHost _host;
    private readonly Options _options;

    internal LookToConfirmEstimator(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _host = environment.Register(nameof(LookToConfirmEstimator));
        _options = options.Copy();
    }

    /// <summary>Finds the model and the threshold: the one given, else learned from the label column, else the model's own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">There is no model, the data are empty, or a row is not well formed; the message names it.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> asked to stop.</exception>
    public LookToConfirmTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.CancellationToken.ThrowIfCancellationRequested();
        DrSegModel model = _options.Model ?? ModelAnnotation.Find(input.Schema) ?? throw NoModel();
        _ = _options.Image.FindIn(input.Schema);
        _ = _options.Query.FindIn(input.Schema);
        using IChannel channel = _host.Start(nameof(Fit));
        float threshold;
        if (_options.Threshold is { } given)
            threshold = given;
        else if (input.Schema.GetColumnOrNull(_options.LabelColumnName) is not null)
            threshold = LearnThreshold(model, input, channel);
        else
        {
            threshold = model.Threshold;
            channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
                $"No column '{_options.LabelColumnName}' of true masks: the model's own threshold {threshold:0.###} decides about second looks."));
        }
        return new LookToConfirmTransformer(model, ownsModel: false, _options, threshold);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        if (_options.Model is null && !ModelAnnotation.IsPromisedBy(inputSchema)) throw NoModel();
        _options.Image.DemandOf(inputSchema);
        _options.Query.DemandOf(inputSchema);
        if (_options.Threshold is null && inputSchema.Any(column => column.Name == _options.LabelColumnName))
            _options.Label.DemandOf(inputSchema);
        return inputSchema.With(LookToConfirmColumns.Added(_options, mapSide: 1, ModelAnnotation.Promise));
    }

    private float LearnThreshold(DrSegModel model, IDataView input, IChannel channel)
    {
        var rows = new ExampleRows(input, _options, model.Policy.CheckQuery);
        var learning = new ThresholdLearning(model, _options.Looking(0), (ulong)_options.Seed);
        foreach (SegmentationExample[] batch in rows.Once().Take(_options.ThresholdRows).Chunk(BatchSize))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            learning.Add(batch);
            _options.Progress?.Report(new TrainingProgress("threshold", learning.Count, _options.ThresholdRows, new Dictionary<string, double> { ["gain"] = learning.MeanGain }));
        }
        float threshold = learning.Threshold(_options.SecondLookCost);
        channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
            $"Learned the threshold {threshold:0.###} from {learning.Count} rows; a second look gains {learning.MeanGain:0.####} IoU on average and costs {_options.SecondLookCost:0.####}."));
        return threshold;
    }

    private static InvalidOperationException NoModel() => new(
        $"Look-to-Confirm has no model. Put mlContext.DrSeg().Trainers.GrpoSegmentation(...) before it in the pipeline, or give one as {nameof(Options)}.{nameof(Options.Model)}.");
}
