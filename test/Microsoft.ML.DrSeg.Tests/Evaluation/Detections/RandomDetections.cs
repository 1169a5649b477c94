using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>
/// Detections made up for the photographs of a COCO folder: ellipses in the annotated boxes are the objects, every fifteenth
/// one a crowd; ellipses jittered about them, some of another category, and a few anywhere are the detections. Scores are
/// multiples of .02, so that there are many ties.
/// </summary>
internal static class RandomDetections
{
    public static DetectionImage[] Of(string instancesFile, ulong seed)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(instancesFile));
        var names = json.RootElement.GetProperty("categories").EnumerateArray().ToDictionary(category => category.GetProperty("id").GetInt64(), category => category.GetProperty("name").GetString()!);
        var categories = names.Values.Order(StringComparer.Ordinal).ToArray();
        var annotations = json.RootElement.GetProperty("annotations").EnumerateArray().ToLookup(annotation => annotation.GetProperty("image_id").GetInt64());
        return [.. json.RootElement.GetProperty("images").EnumerateArray().Select(image => Make(image, annotations, names, categories, seed))];
    }

    /// <summary>Rare, common or frequent by the place in the alphabet, in turn.</summary>
    public static Dictionary<string, CategoryFrequency> Frequencies(DetectionImage[] images) => images
        .SelectMany(image => image.Truth.Select(truth => truth.Category).Concat(image.Detections.Select(detection => detection.Category)))
        .Distinct().Order(StringComparer.Ordinal).Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => (CategoryFrequency)(pair.i % 3));

    private static DetectionImage Make(JsonElement image, ILookup<long, JsonElement> annotations, Dictionary<long, string> names, string[] categories, ulong seed)
    {
        var id = image.GetProperty("id").GetInt64();
        int width = image.GetProperty("width").GetInt32(), height = image.GetProperty("height").GetInt32();
        var random = DeterministicRandom.Create(seed, (ulong)id);
        var truth = new List<TrueObject>();
        var detections = new List<DetectedObject>();
        foreach (var annotation in annotations[id].OrderBy(annotation => annotation.GetProperty("id").GetInt64()))
        {
            var box = annotation.GetProperty("bbox").EnumerateArray().Select(value => value.GetSingle()).ToArray();
            var extent = new BoundingBox(box[0], box[1], box[0] + box[2], box[1] + box[3]);
            var category = names[annotation.GetProperty("category_id").GetInt64()];
            truth.Add(new(category, Ellipse(extent, width, height), extent) { Area = annotation.GetProperty("area").GetDouble(), IsCrowd = random.NextInt(15) == 0 });
            for (var i = random.NextInt(4); i > 0; i--)
                detections.Add(Detect(random.NextInt(10) == 0 ? AnyCategory() : category, Jitter(extent)));
        }
        for (var i = 0; i < 3; i++)
        {
            float x = random.NextInt(width - 20), y = random.NextInt(height - 20);
            detections.Add(Detect(AnyCategory(), new BoundingBox(x, y, x + 20 + random.NextInt(100), y + 20 + random.NextInt(100)).Clamp(width, height)));
        }
        return new()
        {
            Id = id, Truth = truth, Detections = detections,
            AbsentCategories = [.. Enumerable.Range(0, 20).Select(_ => AnyCategory())],
            NonExhaustiveCategories = [.. truth.Where(_ => random.NextInt(3) == 0).Select(found => found.Category)],
        };

        string AnyCategory() => categories[random.NextInt(categories.Length)];

        DetectedObject Detect(string category, BoundingBox box) => new(category, random.NextInt(51) / 50f, Ellipse(box, width, height), box);

        BoundingBox Jitter(BoundingBox box)
        {
            float Moved(float value, float side) => value + (float)(random.NextGaussian() * .07) * side;
            var moved = new BoundingBox(Moved(box.X0, box.Width), Moved(box.Y0, box.Height), Moved(box.X1, box.Width), Moved(box.Y1, box.Height)).Clamp(width, height);
            return moved.IsEmpty ? box : moved;
        }
    }

    private static SegmentationMask Ellipse(BoundingBox box, int width, int height)
    {
        var runs = new List<int>();
        var (end, isInside) = (0, false);
        var centre = box.Center;
        int bottom = (int)Math.Min(height, Math.Ceiling(box.Y1));
        for (var x = (int)Math.Max(0, box.X0); x < Math.Min(width, box.X1); x++)
        {
            for (var y = (int)Math.Max(0, box.Y0); y < bottom; y++)
            {
                float dx = (x + .5f - centre.X) / box.Width, dy = (y + .5f - centre.Y) / box.Height;
                if (dx * dx + dy * dy <= .25f != isInside)
                    Toggle(x * height + y);
            }
            if (isInside)
                Toggle(x * height + bottom);
        }
        runs.Add(width * height - end);
        return SegmentationMask.FromRunLengths([.. runs], width, height);

        // Two toggles at one place, the bottom of a column and the top of the next, cancel.
        void Toggle(int at)
        {
            if (runs.Count > 0 && at == end)
            {
                end -= runs[^1];
                runs.RemoveAt(runs.Count - 1);
            }
            else
            {
                runs.Add(at - end);
                end = at;
            }
            isInside = !isInside;
        }
    }
}
