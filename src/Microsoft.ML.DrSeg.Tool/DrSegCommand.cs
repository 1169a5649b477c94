using System.CommandLine;
using System.CommandLine.Help;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The command line with all of its commands.</summary>
internal static class DrSegCommand
{
    public static RootCommand Create()
    {
        RootCommand root = Commands();
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TopicHelp((HelpAction)help.Action!);
        return root;
    }

    private static RootCommand Commands() => new("Dr. Seg for .NET: train and compare visual language models for segmentation.")
    {
        DemoCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        PredictCommand.Create(),
        CheckCommand.Create(),
        ReportCommand.Create(),
        PretrainCommand.Create(),
        new System.CommandLine.Command("data", "Work with data sets.") { ComposeCommand.Create(), InspectCommand.Create(), ConvertCommand.Create() },
    };
}
