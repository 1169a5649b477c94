using System.CommandLine;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg data compose</c>: writes composed scenes in the layout of a data set.</summary>
internal static class ComposeCommand
{
    private static readonly Dictionary<string, DataSetLayout> Layouts = new(StringComparer.Ordinal)
    {
        ["coco"] = DataSetLayout.Coco,
        ["coco-panoptic"] = DataSetLayout.CocoPanoptic,
        ["coco-stuff"] = DataSetLayout.CocoStuff,
        ["lvis"] = DataSetLayout.Lvis,
        ["openimages"] = DataSetLayout.OpenImages,
        ["refcoco"] = DataSetLayout.RefCoco,
        ["reasonseg"] = DataSetLayout.ReasonSeg,
        ["folder"] = DataSetLayout.Folder,
    };

    public static System.CommandLine.Command Create()
    {
        Option<int> count = new("--count") { Description = "Scenes to write", Required = true };
        Option<ulong> seed = new("--seed") { DefaultValueFactory = _ => 1 };
        Option<string> output = new("--out") { Description = "Folder to write", Required = true };
        Option<string> layout = LayoutOption("coco");
        Option<SceneSplit> split = new("--split") { DefaultValueFactory = _ => SceneSplit.Train };
        Option<string?> cutouts = new("--cutouts") { Description = "Folder of cut-outs of your own (PNG with alpha)" };
        Option<string?> backgrounds = new("--backgrounds") { Description = "Folder of background photographs of your own" };
        Option<int> instances = new("--instances") { Description = "Most objects of one noun in a scene", DefaultValueFactory = _ => 1 };
        Option<double> groups = new("--groups") { Description = "Share of nouns that come as a heap, 0 to 1" };
        Option<double> skew = new("--skew") { Description = "How much rarer one noun is than another (exponent of Zipf's law; 0 for none)" };
        var compose = new System.CommandLine.Command("compose", "Write composed scenes in the layout of a data set.") { count, seed, output, layout, split, cutouts, backgrounds, instances, groups, skew };
        compose.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            var options = new SceneOptions { MaxInstances = arguments.GetValue(instances), GroupShare = arguments.GetValue(groups), NounSkew = arguments.GetValue(skew) };
            SceneComposer composer = SceneExamples.Composer(arguments.GetValue(cutouts), arguments.GetValue(backgrounds), options);
            int scenes = arguments.GetValue(count);
            ConsoleProgress.Show(bars =>
            {
                ComposedSceneExport.Write(composer, arguments.GetValue(split), scenes, arguments.GetValue(seed), arguments.GetValue(output)!,
                    LayoutOf(arguments.GetValue(layout)!), new SceneCount(scenes, bars), cancellation);
                return 0;
            });
            Console.WriteLine($"Wrote {scenes} scenes to {Path.GetFullPath(arguments.GetValue(output)!)}");
            return 0;
        }));
        return compose;
    }

    /// <summary>The option by which layouts are chosen; without a default it may be left out.</summary>
    public static Option<string> LayoutOption(string? byDefault)
    {
        Option<string> layout = new("--layout") { Description = "Layout of the data set" };
        if (byDefault is not null)
            layout.DefaultValueFactory = _ => byDefault;
        layout.AcceptOnlyFromAmong([.. Layouts.Keys]);
        return layout;
    }

    public static DataSetLayout LayoutOf(string name) => Layouts[name];

    private sealed class SceneCount(int scenes, IProgress<TrainingProgress> next) : IProgress<int>
    {
        public void Report(int value) => next.Report(new TrainingProgress("compose", value, scenes, new Dictionary<string, double>()));
    }
}
