namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>A colour image as plain bytes: the form in which pixels are cropped, composed and drawn.</summary>
public sealed partial class RgbImage
{
    /// <summary>A black image.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public RgbImage(int width, int height)
        : this(width, height, new byte[checked(3 * CheckedSide(width, nameof(width)) * CheckedSide(height, nameof(height)))])
    {
    }

    /// <summary>An image over the given bytes, which are kept, not copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Row by row, three bytes a pixel: red, green, blue.</param>
    /// <exception cref="ArgumentException">The array has another length than 3 x width x height.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        long expected = 3L * CheckedSide(width, nameof(width)) * CheckedSide(height, nameof(height));
        if (pixels.Length != expected)
            throw new ArgumentException($"An image of {width} x {height} pixels has {expected} bytes (red, green, blue), not {pixels.Length}.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Row by row from the top, three bytes a pixel: red, green, blue.</summary>
    public byte[] Pixels { get; }

    private static int CheckedSide(int side, string name) => side >= 1
        ? side
        : throw new ArgumentOutOfRangeException(name, side, "An image has at least one pixel a side.");
}
