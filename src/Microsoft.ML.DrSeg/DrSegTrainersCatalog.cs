using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg;

/// <summary>The trainers of this library: <c>mlContext.DrSeg().Trainers</c>.</summary>
public sealed class DrSegTrainersCatalog
{
    private readonly MLContext _context;

    internal DrSegTrainersCatalog(MLContext context) => _context = context;

    /// <summary>Plain GRPO with its default options.</summary>
    /// <param name="imageColumnName">Column of images.</param>
    /// <param name="queryColumnName">Column of queries (text).</param>
    /// <param name="labelColumnName">Column of true masks.</param>
    /// <param name="baseModel">The model to begin with; null for the one that the library ships.</param>
    /// <param name="steps">Optimisation steps, at least 1.</param>
    /// <exception cref="InvalidOperationException">The context asks for a GPU that is not there and does not let the processor take over.</exception>
    public GrpoSegmentationTrainer GrpoSegmentation(
        string imageColumnName = "Image", string queryColumnName = "Query", string labelColumnName = "Mask", DrSegModel? baseModel = null, int steps = GrpoOptions.UsualSteps) =>
        GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            ImageColumnName = imageColumnName,
            QueryColumnName = queryColumnName,
            LabelColumnName = labelColumnName,
            BaseModel = baseModel,
            Training = new() { Steps = steps },
        });

    /// <summary>GRPO with all its options, the two adapters of Dr. Seg among them.</summary>
    /// <param name="options">Columns, model and training; copied.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The context asks for a GPU that is not there and does not let the processor take over.</exception>
    public GrpoSegmentationTrainer GrpoSegmentation(GrpoSegmentationTrainer.Options options) =>
        new(_context, ContextDevice.Of(_context), options);
}
