using System.Globalization;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training.Runs;
using static Microsoft.ML.DrSeg.Pipeline.OptionChecks;

namespace Microsoft.ML.DrSeg.Training;

public sealed partial class GrpoSegmentationTrainer
{
    /// <summary>How to train. The defaults are plain GRPO.</summary>
    public sealed class Options : QueryOptions
    {
        /// <summary>Output: the point of the answer's first object as x, y in pixels (vector of 2 Single); all 0 for a failed answer and one of no objects.</summary>
        public string PredictedPointColumnName = "PredictedPoint";

        /// <summary>Output: the answer as text; for a failed one, why it failed.</summary>
        public string AnswerColumnName = "Answer";

        /// <summary>Output: natural logarithm of the answer's probability (Single), at most 0.</summary>
        public string ScoreColumnName = "Score";

        /// <summary>The model to begin with; null for the one that the library ships. A copy of it is trained, or, where it is made of parts of one's own, its policy itself.</summary>
        public DrSegModel? BaseModel;

        /// <summary>Optimisation steps, at least 1.</summary>
        public int Steps = 100;

        /// <summary>Queries a step, at least 1.</summary>
        public int QueriesPerStep = 24;

        /// <summary>Answers a query, at least 2. With Look-to-Confirm its options say how many.</summary>
        public int GroupSize = 8;

        /// <summary>Learning rate at the end of the warm-up, above 0; from there it falls to 0.</summary>
        public double LearningRate = 1e-4;

        /// <summary>How the learning rate falls after the warm-up.</summary>
        public LearningRateShape LearningRateShape = LearningRateShape.Cosine;

        /// <summary>Share of the steps in which the learning rate rises to its peak, 0 to below 1.</summary>
        public double WarmUpShare = LearningRateSchedule.UsualWarmUp;

        /// <summary>Gradients whose norm is larger are scaled down to this, above 0.</summary>
        public double LargestGradientNorm = OptimizationStep.UsualGradientNorm;

        /// <summary>Weight of the divergence from the reference (the policy at the start), at least 0; 0 holds no reference.</summary>
        public double DivergenceWeight = 0.01;

        /// <summary>How the divergence is estimated.</summary>
        public DivergenceEstimator DivergenceEstimator = DivergenceEstimator.K3;

        /// <summary>Every how many steps the reference becomes the policy as it then is, at least 0; 0 keeps it frozen.</summary>
        public int ReferenceSyncEveryNSteps;

        /// <summary>How the losses of tokens become the loss of a step.</summary>
        public LossAggregation LossAggregation = LossAggregation.Grpo;

        /// <summary>What the probability of an answer is compared by, now and when it was drawn.</summary>
        public ImportanceRatio ImportanceRatio = ImportanceRatio.Token;

        /// <summary>How far below 1 a probability ratio may go, 0..1.</summary>
        public double ClipLow = 0.2;

        /// <summary>How far above 1 a probability ratio may go, at least 0.</summary>
        public double ClipHigh = 0.2;

        /// <summary>
        /// Largest probability ratio that counts for an answer worse than its group, above 1 + <see cref="ClipHigh"/>; null for
        /// no such cap. 4 is common.
        /// </summary>
        public double? RatioCap;

        /// <summary>Weight of a bonus for the entropy of the next token, at least 0.</summary>
        public double EntropyWeight;

        /// <summary>Optimiser steps on the same answers, at least 1.</summary>
        public int UpdatesPerStep = 1;

        /// <summary>What rewards are divided by.</summary>
        public AdvantageScaling AdvantageScaling = AdvantageScaling.Group;

        /// <summary>
        /// How many times a step may replace queries whose answers all earned the same by the next ones of the data, at least 0
        /// (DAPO's dynamic sampling, arXiv 2503.14476, section 3.2, with a bound).
        /// </summary>
        public int ResampleAttempts;

        /// <summary>Whether answers that could not be parsed are left out of the loss; they stay in their group's baseline.</summary>
        public bool MaskFailedAnswers;

        /// <summary>Whether answers that reached the longest length without an end are left out of the loss (arXiv 2503.14476, section 3.4); they stay in their group's baseline.</summary>
        public bool MaskOverlongAnswers;

        /// <summary>Values the candidates; null for their mask IoU. Its memory, if it has one, is afterwards what it was before.</summary>
        public ICandidateReward? Reward;

        /// <summary>Look-to-Confirm while training, with at least 2 answers a view; null for none.</summary>
        public LookToConfirmOptions? LookToConfirm;

        /// <summary>Fixes every random draw. It stands apart from the seed of <see cref="MLContext"/>, which other assemblies cannot read.</summary>
        public int Seed = 1;

        /// <summary>Told after every step; null for nobody.</summary>
        public IProgress<GrpoStepMetrics>? Progress;

        /// <summary>Every how many steps a line goes to the log of <see cref="MLContext"/>; 0 for none.</summary>
        public int LogEveryNSteps = 10;

        /// <summary>
        /// Rows held in memory to draw the next from, at least 0: every pass over the data then has an order of its own, which
        /// the seed fixes. 0 keeps the rows' own order.
        /// </summary>
        public int ShufflePoolSize;

        /// <summary>Whether rows that are not well formed are left out, counted and logged, instead of ending training.</summary>
        public bool SkipBadRows;

        /// <summary>Where the run is written down, so that it can be resumed and looked at; null for nowhere.</summary>
        public RunOptions? Run;

        /// <summary>Held-out rows to answer while training; null for none.</summary>
        public ValidationOptions? Validation;

        /// <summary>Told after every validation; null for nobody.</summary>
        public IProgress<ValidationMetrics>? ValidationProgress;

        /// <summary>Stops training between two steps.</summary>
        public CancellationToken CancellationToken;

        internal GrpoObjective Objective(int longestAnswer) => new()
        {
            LongestAnswer = longestAnswer,
            Aggregation = LossAggregation,
            Ratio = ImportanceRatio,
            ClipLow = ClipLow,
            ClipHigh = ClipHigh,
            RatioCap = RatioCap ?? double.PositiveInfinity,
            Estimator = DivergenceEstimator,
            DivergenceWeight = DivergenceWeight,
            EntropyWeight = EntropyWeight,
        };

        /// <summary>The options that the course of training depends on, as text by name: a run resumed with others would be another run.</summary>
        internal IReadOnlyDictionary<string, string> Course()
        {
            var course = new OrderedDictionary<string, string>();
            void Add(string name, object? value) => course.Add(name, Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none");
            Add(nameof(Seed), Seed);
            Add(nameof(Steps), Steps);
            Add(nameof(QueriesPerStep), QueriesPerStep);
            Add(nameof(GroupSize), GroupSize);
            Add(nameof(LearningRate), LearningRate);
            Add(nameof(LearningRateShape), LearningRateShape);
            Add(nameof(WarmUpShare), WarmUpShare);
            Add(nameof(LargestGradientNorm), LargestGradientNorm);
            Add(nameof(DivergenceWeight), DivergenceWeight);
            Add(nameof(DivergenceEstimator), DivergenceEstimator);
            Add(nameof(ReferenceSyncEveryNSteps), ReferenceSyncEveryNSteps);
            Add(nameof(LossAggregation), LossAggregation);
            Add(nameof(ImportanceRatio), ImportanceRatio);
            Add(nameof(ClipLow), ClipLow);
            Add(nameof(ClipHigh), ClipHigh);
            Add(nameof(RatioCap), RatioCap);
            Add(nameof(EntropyWeight), EntropyWeight);
            Add(nameof(UpdatesPerStep), UpdatesPerStep);
            Add(nameof(AdvantageScaling), AdvantageScaling);
            Add(nameof(ResampleAttempts), ResampleAttempts);
            Add(nameof(MaskFailedAnswers), MaskFailedAnswers);
            Add(nameof(MaskOverlongAnswers), MaskOverlongAnswers);
            Add(nameof(Reward), Reward?.GetType().Name);
            Add(nameof(LookToConfirm), LookToConfirm);
            Add(nameof(ShufflePoolSize), ShufflePoolSize);
            Add(nameof(SkipBadRows), SkipBadRows);
            Add("Validation.EveryNSteps", Validation?.EveryNSteps);
            Add("Validation.Patience", Validation?.Patience);
            Add("Validation.SmallestGain", Validation?.SmallestGain);
            return course;
        }

        internal Options Copy() => (Options)MemberwiseClone();

        /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
        internal void Validate()
        {
            ValidateRows();
            Require(Steps >= 1, nameof(Steps), Steps, "at least 1");
            Require(QueriesPerStep >= 1, nameof(QueriesPerStep), QueriesPerStep, "at least 1");
            Require(GroupSize >= 2, nameof(GroupSize), GroupSize, "at least 2: an answer is valued against the others of its group");
            Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0 and finite");
            RequireDefined(LearningRateShape, nameof(LearningRateShape));
            Require(WarmUpShare is >= 0 and < 1, nameof(WarmUpShare), WarmUpShare, "0 to below 1");
            Require(LargestGradientNorm > 0, nameof(LargestGradientNorm), LargestGradientNorm, "above 0");
            Require(DivergenceWeight >= 0 && double.IsFinite(DivergenceWeight), nameof(DivergenceWeight), DivergenceWeight, "at least 0 and finite");
            RequireDefined(DivergenceEstimator, nameof(DivergenceEstimator));
            Require(ReferenceSyncEveryNSteps >= 0, nameof(ReferenceSyncEveryNSteps), ReferenceSyncEveryNSteps, "at least 0");
            RequireDefined(LossAggregation, nameof(LossAggregation));
            RequireDefined(ImportanceRatio, nameof(ImportanceRatio));
            Require(ClipLow is >= 0 and <= 1, nameof(ClipLow), ClipLow, "0 to 1");
            Require(ClipHigh >= 0 && double.IsFinite(ClipHigh), nameof(ClipHigh), ClipHigh, "at least 0 and finite");
            Require(RatioCap is not { } cap || cap > 1 + ClipHigh, nameof(RatioCap), RatioCap ?? 0, "null or above 1 + ClipHigh, where the clip ends");
            Require(EntropyWeight >= 0 && double.IsFinite(EntropyWeight), nameof(EntropyWeight), EntropyWeight, "at least 0 and finite");
            Require(UpdatesPerStep >= 1, nameof(UpdatesPerStep), UpdatesPerStep, "at least 1");
            RequireDefined(AdvantageScaling, nameof(AdvantageScaling));
            Require(ResampleAttempts >= 0, nameof(ResampleAttempts), ResampleAttempts, "at least 0");
            Require(LogEveryNSteps >= 0, nameof(LogEveryNSteps), LogEveryNSteps, "at least 0");
            Require(ShufflePoolSize >= 0, nameof(ShufflePoolSize), ShufflePoolSize, "at least 0");
            Run?.Validate();
            Validation?.Validate();
            if (LookToConfirm is not { } looking) return;
            looking.Validate();
            Require(looking.FirstLookAnswers >= 2, "LookToConfirm.FirstLookAnswers", looking.FirstLookAnswers, "at least 2 when training: an answer is valued against the others to the same view");
            Require(looking.AnswersPerCloserView >= 2, "LookToConfirm.AnswersPerCloserView", looking.AnswersPerCloserView, "at least 2 when training: an answer is valued against the others to the same view");
        }

        private static void RequireDefined<T>(T value, string option) where T : struct, Enum =>
            Require(Enum.IsDefined(value), option, value, $"one of {string.Join(", ", Enum.GetNames<T>())}");

        internal void ValidateRows() => ValidateRows(
            (nameof(PredictedPointColumnName), PredictedPointColumnName), (nameof(AnswerColumnName), AnswerColumnName), (nameof(ScoreColumnName), ScoreColumnName));
    }
}
