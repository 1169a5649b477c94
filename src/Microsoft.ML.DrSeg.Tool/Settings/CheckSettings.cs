using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Qwen;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg check</c> can be told beside model and data: an option, and a key of its JSON file, for each.</summary>
internal sealed record CheckSettings : IOptionRecord
{
    [Category(RealModelSettings.Topic)]
    public RealModelSettings RealModel { get; init; } = new();

    [Category("Training"), Description("Answers a query, at least 2")]
    public int GroupSize { get; init; } = new SamplingOptions().GroupSize;

    [Category("Training"), Description("Queries a step, at least 1")]
    public int QueriesPerStep { get; init; } = new SamplingOptions().QueriesPerStep;

    [Category("Training"), Description("Learning rate of the confirming head, at least 0; above 0 it is trained too")]
    public double ConfirmationLearningRate { get; init; }

    [Description("Folder of the data set's images, where it is not where the layout has it")]
    public string? Images { get; init; }

    [Description("Leave damaged rows of the data set out and count them, instead of stopping at the first one")]
    public bool SkipBadRows { get; init; }

    [Description("Rows to look at, at least 1")]
    [Range(1, int.MaxValue)]
    public int Rows { get; init; } = 1000;

    [Description("Memory of the GPU to train on, in GB of 10^9 bytes; none for that of the GPU of this machine")]
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? MemoryGb { get; init; }

    [Description("GPU of this machine to compare with, numbered from 0")]
    [Range(0, int.MaxValue)]
    public int Gpu { get; init; }

    [Description("Picture of what the model sees to write (PNG)")]
    public string Picture { get; init; } = "check.png";

    /// <summary>The defaults where a recipe is given that has a training of its own.</summary>
    public static CheckSettings DefaultsOf(CheckSettings given) => given.RealModel.Recipe != RecipeName.DrSeg ? new() : new()
    {
        GroupSize = QwenRecipe.DrSegTraining.Sampling.GroupSize,
        QueriesPerStep = QwenRecipe.DrSegTraining.Sampling.QueriesPerStep,
    };

    /// <summary>What is said of the training.</summary>
    public GrpoOptions ToTraining() => new()
    {
        Sampling = new() { GroupSize = GroupSize, QueriesPerStep = QueriesPerStep },
        Optimizer = new() { ConfirmationLearningRate = ConfirmationLearningRate },
    };
}
