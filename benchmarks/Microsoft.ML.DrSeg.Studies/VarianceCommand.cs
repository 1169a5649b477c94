using System.CommandLine;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Tool;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>
/// <c>studies variance</c>: does ranking make the policy gradient less noisy? The same queries are answered again and again;
/// every reward turns the same answers into a gradient, as GRPO's first update of a step would; how much the gradients of
/// the repeats scatter around their mean is compared.
/// </summary>
internal static class VarianceCommand
{
    private const ulong SceneSeed = 11;

    public static System.CommandLine.Command Create()
    {
        Option<int> queries = ValueOption.Create("--queries", "Queries of the batch, the same in every repeat", 24);
        Option<int> group = ValueOption.Create("--group", "Answers a query", 8);
        Option<int> repeats = ValueOption.Create("--repeats", "How often they are answered", 32);
        Option<string?> model = ValueOption.Create<string?>("--model", "Model instead of the shipped one", null);
        Option<string> output = ValueOption.Create("--out", "Folder of the tables", Path.Combine("artifacts", "variance"));
        var command = new System.CommandLine.Command("variance", "Measure how noisy the policy gradient is under each reward.") { queries, group, repeats, model, output };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(
            arguments.GetValue(queries), arguments.GetValue(group), arguments.GetValue(repeats), arguments.GetValue(model), arguments.GetValue(output)!, cancellation)));
        return command;
    }

    private static int Run(int queries, int group, int repeats, string? modelPath, string output, CancellationToken cancellation)
    {
        Require(queries >= 1, "Queries", queries, "at least 1");
        Require(group >= 2, "Group", group, "at least 2");
        Require(repeats >= 3, "Repeats", repeats, "at least 3");
        using DrSegModel model = ModelOnDevice.Load(modelPath, gpu: null);
        Func<long, SegmentationExample> examples = SceneExamples.Of(SceneExamples.Composer(), SceneSplit.Train, SceneSeed);
        var study = new VarianceStudy(model, [.. Enumerable.Range(0, queries).Select(i => examples(i))], group);
        string table = ConsoleProgress.Show(bars =>
        {
            for (int i = 0; i < repeats; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                study.Repeat((ulong)i + 1);
                bars.Report(new TrainingProgress("repeats", i + 1, repeats, new Dictionary<string, double>()));
            }
            return study.Table();
        });
        AtomicFile.WriteText(Path.Combine(output, "table.md"), table);
        Console.WriteLine(table);
        return 0;
    }
}
