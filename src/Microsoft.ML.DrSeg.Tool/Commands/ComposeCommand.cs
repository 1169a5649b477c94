using System.CommandLine;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Scenes;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

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

    // Read, and not written.
    private static readonly Dictionary<string, DataSetLayout> OtherLayouts = new(StringComparer.Ordinal)
    {
        ["yolo"] = DataSetLayout.Yolo,
        ["labelme"] = DataSetLayout.Labelme,
        ["voc"] = DataSetLayout.Voc,
        ["label-studio"] = DataSetLayout.LabelStudio,
    };

    public static System.CommandLine.Command Create()
    {
        Option<int?> count = ValueOption.Create<int?>("--count", "Scenes to write", null);
        count.Required = true;
        Option<ulong> seed = ValueOption.Create("--seed", "Fixes what the scenes show", 1UL);
        Option<string?> output = ValueOption.Create<string?>("--out", "Folder to write; it must not exist yet, or be empty", null);
        output.Required = true;
        Option<string> layout = LayoutOption("coco");
        Option<SceneSplit> split = ValueOption.Create("--split", "Split whose backgrounds and cut-outs are used", SceneSplit.Train);
        Option<string?> cutouts = ValueOption.Create<string?>("--cutouts", "Folder of cut-outs of your own (PNG with alpha), with --backgrounds", null);
        Option<string?> backgrounds = ValueOption.Create<string?>("--backgrounds", "Folder of background photographs of your own, with --cutouts", null);
        Option<int> instances = ValueOption.Create("--instances", "Most objects of one noun in a scene", 1);
        Option<double> groups = ValueOption.Create("--groups", "Share of nouns that come as a heap, 0 to 1", 0.0);
        Option<double> skew = ValueOption.Create("--skew", "How much rarer one noun is than another (exponent of Zipf's law, 0 to 10; 0 for none)", 0.0);
        Option<int> absent = ValueOption.Create("--absent-nouns", "Nouns noted as absent in each scene, where the layout notes that", new SceneOptions().AbsentNouns);
        var compose = new System.CommandLine.Command("compose", "Write composed scenes in the layout of a data set.") { count, seed, output, layout, split, cutouts, backgrounds, instances, groups, skew, absent };
        compose.Validators.Add(result =>
        {
            if (result.GetResult(cutouts) is null != result.GetResult(backgrounds) is null)
                result.AddError($"{cutouts.Name} and {backgrounds.Name} belong together: give both, or neither for the default pictures.");
        });
        compose.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            int scenes = arguments.GetValue(count)!.Value;
            Require(scenes >= 1, "Count", scenes, "at least 1");
            int most = arguments.GetValue(instances), lacking = arguments.GetValue(absent);
            double heaps = arguments.GetValue(groups), exponent = arguments.GetValue(skew);
            Require(most >= 1, "Instances", most, "at least 1");
            Require(heaps is >= 0 and <= 1, "Groups", heaps, "0 to 1");
            Require(exponent is >= 0 and <= 10, "Skew", exponent, "0 to 10");
            Require(lacking >= 0, "AbsentNouns", lacking, "at least 0");
            var options = new SceneOptions { MaxInstances = most, GroupShare = heaps, NounSkew = exponent, AbsentNouns = lacking };
            SceneComposer composer = SceneExamples.Composer(arguments.GetValue(cutouts), arguments.GetValue(backgrounds), options);
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

    /// <summary>The option by which layouts are chosen; without a default it may be left out, and is of what is read.</summary>
    public static Option<string> LayoutOption(string? byDefault)
    {
        Option<string> layout = new("--layout") { Description = "Layout of the data set" };
        if (byDefault is not null)
            layout.DefaultValueFactory = _ => byDefault;
        ValueOption.AcceptOnly(layout, byDefault is null ? [.. Layouts.Keys, .. OtherLayouts.Keys] : Layouts.Keys);
        return layout;
    }

    public static DataSetLayout LayoutOf(string name) => Layouts.TryGetValue(name, out DataSetLayout layout) ? layout : OtherLayouts[name];

    private sealed class SceneCount(int scenes, IProgress<TrainingProgress> next) : IProgress<int>
    {
        public void Report(int value) => next.Report(new TrainingProgress("compose", value, scenes, new Dictionary<string, double>()));
    }
}
