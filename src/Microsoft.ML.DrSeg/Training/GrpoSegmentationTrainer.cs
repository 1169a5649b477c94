using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Trains the policy of a Dr. Seg model by group relative policy optimisation.</summary>
public sealed class GrpoSegmentationTrainer
{
    /// <summary>How to train. The defaults are plain GRPO.</summary>
    public sealed class Options
    {
        /// <summary>Optimisation steps, at least 1.</summary>
        public int Steps = 100;

        /// <summary>Queries a step, at least 1.</summary>
        public int QueriesPerStep = 24;

        /// <summary>Answers a query, at least 2. With Look-to-Confirm its options say how many.</summary>
        public int GroupSize = 8;

        /// <summary>Learning rate after the warm-up, above 0.</summary>
        public double LearningRate = 1e-4;

        /// <summary>Weight of the divergence from the policy at the start; 0 holds no reference.</summary>
        public double DivergenceWeight = 0.01;

        /// <summary>How far below 1 a probability ratio may go, 0..1.</summary>
        public double ClipLow = 0.2;

        /// <summary>How far above 1 a probability ratio may go.</summary>
        public double ClipHigh = 0.2;

        /// <summary>Optimiser steps on the same answers, at least 1.</summary>
        public int UpdatesPerStep = 1;

        /// <summary>What rewards are divided by.</summary>
        public AdvantageScaling AdvantageScaling = AdvantageScaling.Group;

        /// <summary>Values the candidates; null for their mask IoU.</summary>
        public ICandidateReward? Reward;

        /// <summary>Look-to-Confirm while training; null for none.</summary>
        public LookToConfirmOptions? LookToConfirm;

        /// <summary>Fixes every random draw.</summary>
        public int Seed = 1;
    }
}
