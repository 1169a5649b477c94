using System.CommandLine;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg data compose</c>: writes composed scenes as PNGs with a COCO-format <c>instances.json</c>.</summary>
internal static class ComposeCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<int> count = new("--count") { Description = "Scenes to write", Required = true };
        Option<ulong> seed = new("--seed") { DefaultValueFactory = _ => 1 };
        Option<string> output = new("--out") { Description = "Folder to write", Required = true };
        Option<SceneSplit> split = new("--split") { DefaultValueFactory = _ => SceneSplit.Train };
        Option<string?> cutouts = new("--cutouts") { Description = "Folder of cut-outs of your own (PNG with alpha)" };
        Option<string?> backgrounds = new("--backgrounds") { Description = "Folder of background photographs of your own" };
        var compose = new System.CommandLine.Command("compose", "Write composed scenes with a COCO-format instances.json.") { count, seed, output, split, cutouts, backgrounds };
        compose.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            SceneComposer composer = SceneExamples.Composer(arguments.GetValue(cutouts), arguments.GetValue(backgrounds));
            int scenes = arguments.GetValue(count);
            ConsoleProgress.Show(bars =>
            {
                ComposedSceneExport.Write(composer, arguments.GetValue(split), scenes, arguments.GetValue(seed), arguments.GetValue(output)!,
                    new SceneCount(scenes, bars), cancellation);
                return 0;
            });
            Console.WriteLine($"Wrote {scenes} scenes to {Path.GetFullPath(arguments.GetValue(output)!)}");
            return 0;
        }));
        return new System.CommandLine.Command("data", "Work with data sets.") { compose };
    }

    private sealed class SceneCount(int scenes, IProgress<TrainingProgress> next) : IProgress<int>
    {
        public void Report(int value) => next.Report(new TrainingProgress("compose", value, scenes, new Dictionary<string, double>()));
    }
}
