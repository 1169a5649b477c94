namespace Microsoft.ML.DrSeg.Tests;

/// <summary>JPEG files with a camera's note of how it was held, written byte by byte.</summary>
internal static class TestExif
{
    /// <summary>A JPEG with such a note behind its first marker.</summary>
    /// <param name="jpeg">The file without one.</param>
    /// <param name="orientation">1 to 8, or anything else.</param>
    /// <param name="isLittle">Whether its numbers have their low byte first.</param>
    public static byte[] Insert(byte[] jpeg, ushort orientation, bool isLittle = false)
    {
        byte[] Short(ushort value) => isLittle ? [(byte)value, (byte)(value >> 8)] : [(byte)(value >> 8), (byte)value];
        byte[] Long(uint value) => isLittle ? [.. Short((ushort)value), .. Short((ushort)(value >> 16))] : [.. Short((ushort)(value >> 16)), .. Short((ushort)value)];
        // Two entries in a directory that begins behind the header: width of the picture, orientation.
        byte[] tiff = [.. isLittle ? "II"u8 : "MM"u8, .. Short(42), .. Long(8), .. Short(2),
            .. Short(256), .. Short(3), .. Long(1), .. Short(7), .. Short(0),
            .. Short(274), .. Short(3), .. Long(1), .. Short(orientation), .. Short(0), .. Long(0)];
        byte[] segment = [.. "Exif\0\0"u8, .. tiff];
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)((segment.Length + 2) >> 8), (byte)(segment.Length + 2), .. segment, .. jpeg[2..]];
    }
}
