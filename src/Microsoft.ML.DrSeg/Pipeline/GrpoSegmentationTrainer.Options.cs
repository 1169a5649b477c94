using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Pipeline;

public sealed partial class GrpoSegmentationTrainer
{
    /// <summary>Which columns to train on and to add, with which model and reward, and how.</summary>
    public sealed class Options : QueryOptions
    {
        /// <summary>
        /// Input when fitting: the true objects one by one (<see cref="SegmentationMaskList"/>), which together are the true mask.
        /// Null, or "Masks" where there is no such column, takes a mask for one object, and an empty one for none.
        /// </summary>
        public string? ObjectsColumnName = ExampleRows.UsualObjectsColumn;

        /// <summary>The model to begin with; null for the one that the library ships. A copy of it is trained, or, where it is made of parts of one's own, its policy itself.</summary>
        public DrSegModel? BaseModel;

        /// <summary>How to train, such as <c>new() { Steps = 40, Optimizer = new() { LearningRate = 2e-4 } }</c>.</summary>
        public GrpoOptions Training = new();

        /// <summary>Values the candidates; null for their mask IoU. Its memory, if it has one, is afterwards what it was before.</summary>
        public ICandidateReward? Reward;

        /// <summary>
        /// Held-out rows, with the columns of the training data, to answer while training (<see cref="GrpoOptions.Validation"/>
        /// says how often); null for none.
        /// </summary>
        public IDataView? ValidationData;

        /// <summary>Told after every step; null for nobody.</summary>
        public IProgress<GrpoStepMetrics>? Progress;

        /// <summary>Every how many steps a line goes to the log of <see cref="MLContext"/>; 0 for none.</summary>
        public int LogEveryNSteps = 10;

        /// <summary>Told after every validation; null for nobody.</summary>
        public IProgress<ValidationMetrics>? ValidationProgress;

        /// <summary>Stops training between two steps.</summary>
        public CancellationToken CancellationToken;

        /// <summary>
        /// The processes, such as those of the package Microsoft.ML.DrSeg.Mpi, that share every step of this training; null for this one
        /// alone. All of them fit the same data with the same options, and all get the same model; the first one alone writes the run's folder
        /// and reports.
        /// </summary>
        public IProcessGroup? ProcessGroup;

        internal Options Copy() => (Options)MemberwiseClone();

        internal void Validate()
        {
            ValidateRows();
            OptionChecks.RequireNames([(nameof(ObjectsColumnName), ObjectsColumnName ?? ExampleRows.UsualObjectsColumn)], []);
            if (Training is null) throw new ArgumentException($"{nameof(Training)} must hold options; it is null.", nameof(Training));
            OptionReading.Require(Training);
            if (Training.Validation is not null && ValidationData is null)
                throw new ArgumentException($"{nameof(ValidationData)} must hold the rows that {nameof(GrpoOptions.Validation)} is about; it is null.", nameof(ValidationData));
            OptionChecks.Require(LogEveryNSteps >= 0, nameof(LogEveryNSteps), LogEveryNSteps, "at least 0");
        }
    }
}
