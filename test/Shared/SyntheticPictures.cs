using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Scenes;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>
/// Tiny cut-outs and backgrounds in a temporary folder. Objects are pure red, green or blue and backgrounds have little
/// colour, so that a channel of a scene says how much an object contributes to each pixel.
/// </summary>
internal sealed class SyntheticPictures : IDisposable
{
    public static readonly string[] Nouns = ["blue", "green", "red"];

    public SyntheticPictures()
    {
        for (int noun = 0; noun < 3; noun++)
            for (int variant = 0; variant < 3; variant++)
                SaveCutout(Path.Combine(Cutouts, Nouns[noun], $"{variant}.png"), 2 - noun, 40 + 12 * variant, 30 + 7 * noun, seed: 10 * noun + variant);
        foreach (var (name, grey) in new[] { ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("e", 0) })
            SaveBackground($"{name}.png", (byte)grey);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("drseg-pictures-").FullName;
    public string Cutouts => Path.Combine(Folder, "cutouts");
    public string Backgrounds => Path.Combine(Folder, "backgrounds");

    /// <summary>No change of colours, small scenes.</summary>
    public static SceneOptions PlainColours => new() { Size = 96, MinObjects = 2, MaxObjects = 3, BrightnessJitter = 0, ContrastJitter = 0 };

    public SceneComposer Compose(SceneOptions options) => new(SceneAssets.LoadFolders(Cutouts, Backgrounds, options));

    public void SaveBackground(string name, byte grey)
    {
        Directory.CreateDirectory(Backgrounds);
        var image = new RgbImage(120, 80);
        Array.Fill(image.Pixels, grey);
        image.Save(Path.Combine(Backgrounds, name));
    }

    /// <summary>A disc in one channel whose alpha falls off softly and unevenly, with a hole in it.</summary>
    public static void SaveCutout(string path, int channel, int width, int height, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var random = new Random(seed);
        byte[] rgba = new byte[4 * width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double u = (x + 0.5) / width * 2 - 1, v = (y + 0.5) / height * 2 - 1, distance = Math.Sqrt(u * u + v * v);
                double alpha = Math.Clamp(4 * (1 - distance), 0, 1) * (0.75 + 0.25 * random.NextDouble());
                if (distance < 0.2)
                    alpha = 0.3;
                int at = 4 * (y * width + x);
                rgba[at + channel] = 255;
                rgba[at + 3] = (byte)(255 * alpha);
            }
        SavePng(path, width, height, rgba);
    }

    /// <summary>Writes a PNG with straight alpha, whatever the image library takes alpha for.</summary>
    public static void SavePng(string path, int width, int height, byte[] rgba)
    {
        var rows = new List<byte>();
        for (int y = 0; y < height; y++)
            rows.AddRange([0, .. rgba.AsSpan(4 * width * y, 4 * width)]);
        File.WriteAllBytes(path, TestPng.Encode(width, height, 8, 6, [.. rows]));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
