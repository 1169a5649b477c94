using System.CommandLine;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The command line with all of its commands.</summary>
internal static class DrSegCommand
{
    public static RootCommand Create() => new("Dr. Seg for .NET: train and compare visual language models for segmentation.")
    {
        DemoCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        PredictCommand.Create(),
        ReportCommand.Create(),
        PretrainCommand.Create(),
        new System.CommandLine.Command("data", "Work with data sets.") { ComposeCommand.Create(), InspectCommand.Create() },
    };
}
