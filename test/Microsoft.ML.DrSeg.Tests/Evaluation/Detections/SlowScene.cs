using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>Something in an image, as pixels that can be counted one by one and as a box.</summary>
/// <param name="Pixels">Row by row.</param>
/// <param name="Box">x, y, width, height.</param>
internal sealed record SlowThing(string Category, bool[] Pixels, double[] Box, double Area, double Score = 0, bool IsCrowd = false)
{
    public double PixelCount => Pixels.Count(inside => inside);
}

/// <summary>An image of made-up things: few scores, so that many are equal; crowds; empty masks; ids that are no row numbers.</summary>
internal sealed record SlowScene(int Id, SlowThing[] Truth, SlowThing[] Detections)
{
    public const int Width = 36, Height = 28;

    public static readonly string[] Categories = ["1", "2", "10"];

    public static SlowScene[] Random(int seed, int count, bool apart = false)
    {
        var random = new Random(seed);
        int[] ids = [.. Enumerable.Range(1, 10 * count)];
        random.Shuffle(ids);
        return [.. ids.Take(count).Select(id => Make(id, random, apart))];
    }

    public DetectionImage ToImage() => new()
    {
        Id = Id.ToString(CultureInfo.InvariantCulture),
        Truth = [.. Truth.Select(one => new TrueObject(one.Category, Mask(one)) { Area = one.Area, IsCrowd = one.IsCrowd, Extents = Placed(one) })],
        Detections = [.. Detections.Select(one => new DetectedObject(one.Category, one.Score, Mask(one)) { Extents = Placed(one) })],
    };

    /// <summary>The truth of some scenes as a file of COCO's.</summary>
    public static string ToCoco(SlowScene[] scenes)
    {
        int next = 0;
        return new JsonObject
        {
            ["images"] = new JsonArray([.. scenes.Select(scene => new JsonObject { ["id"] = scene.Id, ["file_name"] = $"{scene.Id}.png", ["width"] = Width, ["height"] = Height })]),
            ["categories"] = new JsonArray([.. Categories.Select(id => new JsonObject { ["id"] = int.Parse(id, CultureInfo.InvariantCulture), ["name"] = $"thing {id}" })]),
            ["annotations"] = new JsonArray([.. scenes.SelectMany(scene => scene.Truth.Select(one => Record(scene, one, compressed: true, number =>
            {
                number["id"] = ++next;
                number["area"] = one.Area;
                number["iscrowd"] = one.IsCrowd ? 1 : 0;
            })))]),
        }.ToJsonString();
    }

    /// <summary>The detections of some scenes as COCO's results, some run lengths compressed and some not.</summary>
    public static string ToResults(SlowScene[] scenes) => new JsonArray([.. scenes.SelectMany(scene =>
        scene.Detections.Select((one, i) => Record(scene, one, compressed: i % 2 == 0, number => number["score"] = one.Score)))]).ToJsonString();

    public static SegmentationMask Mask(SlowThing one) => SegmentationMask.FromPixels(one.Pixels, Width, Height);

    private static JsonObject Record(SlowScene scene, SlowThing one, bool compressed, Action<JsonObject> add)
    {
        SegmentationMask mask = Mask(one);
        var record = new JsonObject
        {
            ["image_id"] = scene.Id,
            ["category_id"] = int.Parse(one.Category, CultureInfo.InvariantCulture),
            ["bbox"] = new JsonArray([.. one.Box.Select(side => JsonValue.Create(side))]),
            ["segmentation"] = new JsonObject
            {
                ["size"] = new JsonArray(Height, Width),
                ["counts"] = compressed ? mask.ToCompressedRunLengths() : new JsonArray([.. mask.ToRunLengths().Select(run => JsonValue.Create(run))]),
            },
        };
        add(record);
        return record;
    }

    private static PlacedBox Placed(SlowThing one) => new(one.Box[0], one.Box[1], one.Box[2], one.Box[3]);

    private static SlowScene Make(int id, Random random, bool apart)
    {
        var truth = new List<SlowThing>();
        var detections = new List<SlowThing>();
        for (var i = random.Next(6); i > 0; i--)
        {
            var one = Thing(Any(), random.Next(Width - 6), random.Next(Height - 6), random.Next(3, 16), random.Next(3, 14), random) with { IsCrowd = random.Next(6) == 0 };
            truth.Add(one with { Area = one.PixelCount * random.Next(1, 4) });
            for (var j = random.Next(4); j > 0; j--)
                detections.Add(Moved(one, random) with { Category = random.Next(5) == 0 ? Any() : one.Category });
        }
        for (var i = random.Next(4); i > 0; i--)
            detections.Add(Thing(Any(), random.Next(Width - 6), random.Next(Height - 6), random.Next(3, 12), random.Next(3, 12), random));
        if (random.Next(5) == 0)
            detections.Add(new(Any(), new bool[Width * Height], [3, 3, 0, 0], 0));
        SlowThing[] scored = [.. detections.Select(one => one with { Score = random.Next(5) / 10.0 })];
        return apart ? new(id, Apart([.. truth]), Apart([.. scored.OrderByDescending(one => one.Score)])) : new(id, [.. truth], scored);

        string Any() => Categories[random.Next(Categories.Length)];
    }

    // An ellipse, and a box about it that is off by tenths of a pixel.
    private static SlowThing Thing(string category, int x, int y, int width, int height, Random random)
    {
        var pixels = new bool[Width * Height];
        for (var row = y; row < Math.Min(Height, y + height); row++)
            for (var column = x; column < Math.Min(Width, x + width); column++)
            {
                double dx = (column + .5 - x) / width - .5, dy = (row + .5 - y) / height - .5;
                pixels[row * Width + column] = dx * dx + dy * dy <= .25;
            }
        double Tenth(int value) => (10 * value + random.Next(10)) / 10.0;
        return new(category, pixels, [Tenth(x), Tenth(y), Tenth(width), Tenth(height)], 0);
    }

    private static SlowThing Moved(SlowThing one, Random random)
    {
        int By() => random.Next(-1, 2);
        var moved = Thing(one.Category, Math.Max(0, (int)one.Box[0] + By()), Math.Max(0, (int)one.Box[1] + By()), Math.Max(2, (int)one.Box[2] + By()), Math.Max(2, (int)one.Box[3] + By()), random);
        return random.Next(3) == 0 ? one with { IsCrowd = false } : moved;
    }

    // What comes first keeps a pixel.
    private static SlowThing[] Apart(SlowThing[] things)
    {
        var taken = new bool[Width * Height];
        return [.. things.Select(one =>
        {
            bool[] own = [.. one.Pixels.Select((inside, i) => inside && !taken[i])];
            for (var i = 0; i < own.Length; i++)
                taken[i] |= own[i];
            return one with { Pixels = own };
        }).Where(one => one.PixelCount > 0)];
    }
}
