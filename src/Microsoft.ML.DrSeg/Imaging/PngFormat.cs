namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>What the numbers of a PNG's pixel mean; the values are those of the file.</summary>
internal enum PngColour
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}

/// <summary>How a PNG holds its pixels.</summary>
internal readonly record struct PngFormat(PngColour Colour, int BitDepth)
{
    public static PngFormat Rgb8 { get; } = new(PngColour.Rgb, 8);
    public static PngFormat Grey8 { get; } = new(PngColour.Grey, 8);
    public static PngFormat Grey1 { get; } = new(PngColour.Grey, 1);

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public int Channels => Colour switch
    {
        PngColour.Rgb => 3,
        PngColour.GreyAlpha => 2,
        PngColour.RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>Bytes between a byte and the one left of it that filters compare it with: a whole pixel, at least one.</summary>
    public int FilterDistance => Math.Max(1, Channels * BitDepth / 8);

    /// <summary>The combinations that the specification allows.</summary>
    public bool IsValid => Colour switch
    {
        PngColour.Grey => BitDepth is 1 or 2 or 4 or 8 or 16,
        PngColour.Palette => BitDepth is 1 or 2 or 4 or 8,
        PngColour.Rgb or PngColour.GreyAlpha or PngColour.RgbAlpha => BitDepth is 8 or 16,
        _ => false,
    };

    public int Stride(int width) => checked((int)(((long)width * Channels * BitDepth + 7) / 8));
}
