using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using static Microsoft.ML.DrSeg.Pipeline.OptionChecks;

namespace Microsoft.ML.DrSeg.Training;

public sealed partial class GrpoSegmentationTrainer
{
    /// <summary>How to train. The defaults are plain GRPO.</summary>
    public sealed class Options
    {
        /// <summary>Input: the image (MLImage), at its own resolution.</summary>
        public string ImageColumnName = "Image";

        /// <summary>Input: what is asked for (text), such as "dog".</summary>
        public string QueryColumnName = "Query";

        /// <summary>Input while training: the true mask (<see cref="Data.SegmentationMask"/>), of the image's size.</summary>
        public string LabelColumnName = "Mask";

        /// <summary>Output: the mask of the greedy answer (<see cref="Data.SegmentationMask"/>), of the image's size; empty for a failed answer.</summary>
        public string PredictedMaskColumnName = "PredictedMask";

        /// <summary>Output: the answer's box as x0, y0, x1, y1 in pixels, within the image (vector of 4 Single); all 0 for a failed answer.</summary>
        public string PredictedBoxColumnName = "PredictedBox";

        /// <summary>Output: the answer's point as x, y in pixels (vector of 2 Single); all 0 for a failed answer.</summary>
        public string PredictedPointColumnName = "PredictedPoint";

        /// <summary>Output: the answer as text; for a failed one, why it failed.</summary>
        public string AnswerColumnName = "Answer";

        /// <summary>Output: natural logarithm of the answer's probability (Single), at most 0.</summary>
        public string ScoreColumnName = "Score";

        /// <summary>The model to begin with; null for the one that the library ships. A copy of it is trained.</summary>
        public DrSegModel? BaseModel;

        /// <summary>Optimisation steps, at least 1.</summary>
        public int Steps = 100;

        /// <summary>Queries a step, at least 1.</summary>
        public int QueriesPerStep = 24;

        /// <summary>Answers a query, at least 2. With Look-to-Confirm its options say how many.</summary>
        public int GroupSize = 8;

        /// <summary>Learning rate at the end of the warm-up (the first 5 % of the steps), above 0; from there it falls to 0 along half a cosine.</summary>
        public double LearningRate = 1e-4;

        /// <summary>Weight of the divergence from the policy at the start, at least 0; 0 holds no reference.</summary>
        public double DivergenceWeight = 0.01;

        /// <summary>How far below 1 a probability ratio may go, 0..1.</summary>
        public double ClipLow = 0.2;

        /// <summary>How far above 1 a probability ratio may go, at least 0.</summary>
        public double ClipHigh = 0.2;

        /// <summary>Optimiser steps on the same answers, at least 1.</summary>
        public int UpdatesPerStep = 1;

        /// <summary>What rewards are divided by.</summary>
        public AdvantageScaling AdvantageScaling = AdvantageScaling.Group;

        /// <summary>Values the candidates; null for their mask IoU. Its memory, if it has one, is afterwards what it was before.</summary>
        public ICandidateReward? Reward;

        /// <summary>Look-to-Confirm while training, with at least 2 answers a view; null for none.</summary>
        public LookToConfirmOptions? LookToConfirm;

        /// <summary>Fixes every random draw. It stands apart from the seed of <see cref="MLContext"/>, which other assemblies cannot read.</summary>
        public int Seed = 1;

        /// <summary>Told after every step; null for nobody.</summary>
        public IProgress<TrainingProgress>? Progress;

        /// <summary>Every how many steps a line goes to the log of <see cref="MLContext"/>; 0 for none.</summary>
        public int LogEveryNSteps = 10;

        /// <summary>Stops training between two steps.</summary>
        public CancellationToken CancellationToken;

        internal Options Copy() => (Options)MemberwiseClone();

        /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
        internal void Validate()
        {
            ValidateColumns();
            Require(Steps >= 1, nameof(Steps), Steps, "at least 1");
            Require(QueriesPerStep >= 1, nameof(QueriesPerStep), QueriesPerStep, "at least 1");
            Require(GroupSize >= 2, nameof(GroupSize), GroupSize, "at least 2: an answer is valued against the others of its group");
            Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0 and finite");
            Require(DivergenceWeight >= 0 && double.IsFinite(DivergenceWeight), nameof(DivergenceWeight), DivergenceWeight, "at least 0 and finite");
            Require(ClipLow is >= 0 and <= 1, nameof(ClipLow), ClipLow, "0 to 1");
            Require(ClipHigh >= 0 && double.IsFinite(ClipHigh), nameof(ClipHigh), ClipHigh, "at least 0 and finite");
            Require(UpdatesPerStep >= 1, nameof(UpdatesPerStep), UpdatesPerStep, "at least 1");
            Require(Enum.IsDefined(AdvantageScaling), nameof(AdvantageScaling), AdvantageScaling, $"one of {string.Join(", ", Enum.GetNames<AdvantageScaling>())}");
            Require(LogEveryNSteps >= 0, nameof(LogEveryNSteps), LogEveryNSteps, "at least 0");
            if (LookToConfirm is not { } looking) return;
            looking.Validate();
            Require(looking.FirstLookAnswers >= 2, "LookToConfirm.FirstLookAnswers", looking.FirstLookAnswers, "at least 2 when training: an answer is valued against the others to the same view");
            Require(looking.AnswersPerCloserView >= 2, "LookToConfirm.AnswersPerCloserView", looking.AnswersPerCloserView, "at least 2 when training: an answer is valued against the others to the same view");
        }

        internal void ValidateColumns() => RequireNames(
            [(nameof(ImageColumnName), ImageColumnName), (nameof(QueryColumnName), QueryColumnName), (nameof(LabelColumnName), LabelColumnName)],
            [
                (nameof(PredictedMaskColumnName), PredictedMaskColumnName), (nameof(PredictedBoxColumnName), PredictedBoxColumnName),
                (nameof(PredictedPointColumnName), PredictedPointColumnName), (nameof(AnswerColumnName), AnswerColumnName),
                (nameof(ScoreColumnName), ScoreColumnName),
            ]);
    }
}
