using SkiaSharp;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>A colour to paint with. The named ones are told apart with the common kinds of colour blindness too.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    /// <summary>For the truth.</summary>
    public static RgbColor Teal { get; } = new(0, 190, 160);

    /// <summary>For an answer.</summary>
    public static RgbColor Orange { get; } = new(255, 128, 20);

    /// <summary>For a second answer.</summary>
    public static RgbColor Violet { get; } = new(165, 105, 255);

    /// <summary>For boxes and points.</summary>
    public static RgbColor Yellow { get; } = new(255, 226, 70);

    /// <summary>For anything else.</summary>
    public static RgbColor White { get; } = new(255, 255, 255);

    internal RgbColor Towards(RgbColor other, double share) => new(
        Blend(Red, other.Red, share), Blend(Green, other.Green, share), Blend(Blue, other.Blue, share));

    /// <param name="opacity">0 for nothing, 1 for the plain colour.</param>
    internal SKColor ToSkia(double opacity = 1) => new(Red, Green, Blue, (byte)Math.Round(255 * Math.Clamp(opacity, 0, 1)));

    private static byte Blend(byte from, byte to, double share) => (byte)Math.Round(from + share * (to - from));
}
