using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>One number for every pixel of an image: the category or segment that it belongs to. Immutable.</summary>
internal sealed class LabelMap
{
    private const int MostLabels = 1 << 16;
    private readonly int[] _labels;

    /// <summary>A map over the given labels, which are kept, not copied.</summary>
    /// <param name="labels">Row by row from the top; width x height values.</param>
    public LabelMap(int width, int height, int[] labels)
    {
        if (labels.Length != SegmentationMask.CheckedSize(width, height))
            throw new ArgumentException($"A label map of {width} x {height} pixels has {width * height} labels, not {labels.Length}.", nameof(labels));
        (Width, Height, _labels) = (width, height, labels);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Row by row from the top.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>
    /// The colours that labels stand for in a PNG with a palette, as red + 256 green + 65536 blue, 0 for what is transparent; null
    /// where labels are what the pixels are.
    /// </summary>
    public int[]? Palette { get; init; }

    /// <summary>Whether labels are colours, red + 256 green + 65536 blue, and not numbers.</summary>
    public bool AreColours { get; init; }

    /// <summary>A map of masks: later ones cover earlier ones.</summary>
    public static LabelMap FromMasks(IEnumerable<(int Label, SegmentationMask Mask)> masks, int background, int width, int height)
    {
        int[] labels = new int[SegmentationMask.CheckedSize(width, height)];
        Array.Fill(labels, background);
        foreach ((int label, SegmentationMask mask) in masks)
        {
            if (mask.Width != width || mask.Height != height)
                throw new ArgumentException($"The mask of label {label} is {mask.Width} x {mask.Height} pixels, but the map {width} x {height}.", nameof(masks));
            mask.Paint(labels, label);
        }
        return new(width, height, labels);
    }

    /// <summary>Reads a PNG: grey values, places in a palette, or, of colours, red + 256 green + 65536 blue as COCO's panoptic format numbers segments.</summary>
    public static LabelMap LoadPng(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
        try
        {
            return PngLabelDecoder.Decode(File.ReadAllBytes(path));
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read as labels: {problem.Message}", problem);
        }
    }

    public void SaveGreyPng(string path)
    {
        byte[] grey = new byte[_labels.Length];
        for (int i = 0; i < grey.Length; i++)
            grey[i] = (byte)Within(_labels[i], byte.MaxValue);
        File.WriteAllBytes(path, PngLabelEncoder.Encode(grey, Width, Height, PngFormat.Grey8));
    }

    /// <summary>Writes a PNG of colours that stand for the labels: red + 256 green + 65536 blue.</summary>
    public void SaveColourPng(string path)
    {
        byte[] colours = new byte[3 * _labels.Length];
        for (int i = 0; i < _labels.Length; i++)
        {
            int label = Within(_labels[i], 0xFFFFFF);
            (colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]) = ((byte)label, (byte)(label >> 8), (byte)(label >> 16));
        }
        File.WriteAllBytes(path, PngLabelEncoder.Encode(colours, Width, Height, PngFormat.Rgb8));
    }

    public SegmentationMask MaskOf(int label) => Masks().TryGetValue(label, out SegmentationMask? mask) ? mask : SegmentationMask.Empty(Width, Height);

    /// <summary>The pixels of every label that occurs, found in one pass over the map.</summary>
    /// <exception cref="InvalidDataException">There are more labels than any map has: it is a photograph, perhaps.</exception>
    public IReadOnlyDictionary<int, SegmentationMask> Masks()
    {
        var runs = new Dictionary<int, List<int>>();
        List<int>? current = null;
        int label = 0, size = _labels.Length;
        for (int x = 0, at = 0; x < Width; x++)
            for (int y = x; y < size; y += Width, at++)
            {
                if (current is not null && _labels[y] == label)
                    continue;
                current?.Add(at);
                label = _labels[y];
                ref List<int>? of = ref CollectionsMarshal.GetValueRefOrAddDefault(runs, label, out _);
                current = of ??= [];
                if (runs.Count > MostLabels)
                    throw new InvalidDataException($"it shows more than {MostLabels} different labels: it is no map of labels, but a picture.");
                current.Add(at);
            }
        current!.Add(size);
        return runs.ToDictionary(pair => pair.Key, pair => SegmentationMask.FromRunEnds(pair.Value, Width, Height));
    }

    private static int Within(int label, int largest) => label >= 0 && label <= largest
        ? label
        : throw new InvalidOperationException($"The label {label} does not fit into this kind of PNG, which holds 0 to {largest}.");
}
