using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>A folder with a model, a data set and options so small that training takes a moment.</summary>
internal sealed class TinyWorkspace : IDisposable
{
    public const int Images = 9;

    private readonly TemporaryFolder _folder = new();

    public TinyWorkspace()
    {
        using (DrSegModel model = TinyModel.Trained()) model.Save(Model);
        WriteCoco(DataSet, Images);
        File.WriteAllText(Options, $$"""
            {
              // Comments are welcome.
              "model": "{{Model}}", "data": "{{DataSet}}", "validationData": "{{DataSet}}",
              "steps": 5, "queriesPerStep": 3, "groupSize": 4, "learningRate": 1e-3, "lossAggregation": "dapo",
              "lookToConfirm": true, "ranking": "referenceWindow", "shufflePoolSize": 4,
              "checkpointEveryNSteps": 3, "keepCheckpoints": 2, "validateEveryNSteps": 4, "sampleEveryNSteps": 0,
            }
            """);
    }

    public string Model => Path("tiny.drseg");

    /// <summary>Coloured rectangles with their colours' names, in COCO's layout.</summary>
    public string DataSet => Path("coco");

    /// <summary>Options of <c>drseg train</c>: five steps on the data set.</summary>
    public string Options => Path("options.json");

    public string Path(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    public static void WriteCoco(string folder, int count)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "images"));
        JsonArray images = [], annotations = [], categories = [];
        for (int i = 0; i < TinyModel.Nouns.Length; i++) categories.Add(new JsonObject { ["id"] = i + 1, ["name"] = TinyModel.Nouns[i] });
        for (int i = 0; i < count; i++)
        {
            SegmentationExample example = TinyModel.Example(i);
            example.Image.Save(System.IO.Path.Combine(folder, "images", $"{i}.png"));
            BoundingBox box = example.Mask.Box;
            images.Add(new JsonObject { ["id"] = i + 1, ["file_name"] = $"{i}.png", ["width"] = TinyModel.Side, ["height"] = TinyModel.Side });
            annotations.Add(new JsonObject
            {
                ["id"] = i + 1,
                ["image_id"] = i + 1,
                ["category_id"] = Array.IndexOf(TinyModel.Nouns, example.Query) + 1,
                ["segmentation"] = new JsonArray(new JsonArray(box.X0, box.Y0, box.X1, box.Y0, box.X1, box.Y1, box.X0, box.Y1)),
                ["iscrowd"] = 0,
            });
        }
        File.WriteAllText(System.IO.Path.Combine(folder, "instances.json"), new JsonObject { ["images"] = images, ["annotations"] = annotations, ["categories"] = categories }.ToJsonString());
    }
}
