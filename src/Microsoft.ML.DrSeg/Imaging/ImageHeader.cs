using System.Buffers.Binary;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// What the beginning of an image file says: how many pixels it stores, and how the camera was held (EXIF 2.32, tag 274), by
/// which viewers and annotation tools turn what they show.
/// </summary>
/// <param name="Width">Columns as stored.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Orientation">1 for as stored, 2 to 4 mirrored or upside down, 5 to 8 with rows and columns exchanged.</param>
internal readonly record struct ImageHeader(int Width, int Height, int Orientation = 1)
{
    private const int OrientationTag = 274;

    // Segments and fill bytes before a frame. Cameras write tens of segments; Skia, which could be asked for the size, needs
    // 15 seconds for 100,000 empty ones (400 kB) and four times as long for twice as many.
    private const int MostJpegSteps = 4096;

    public (int Width, int Height) Stored => (Width, Height);

    /// <summary>The size that viewers show.</summary>
    public (int Width, int Height) Seen => Orientation >= 5 ? (Height, Width) : Stored;

    /// <summary>Whether the size of annotations says which way they lie; of squares, and of pictures upside down, it does not.</summary>
    public bool SizeTells => Stored != Seen;

    /// <summary>
    /// Whether the picture is turned to lie as its annotations do: as viewers turn it, unless the annotations are of the size
    /// that is stored. Where sizes do not tell, it is turned, since people outline what a viewer shows them.
    /// </summary>
    /// <param name="annotated">The annotations' size; null where there are none.</param>
    /// <exception cref="InvalidDataException">The annotations are of neither size.</exception>
    public bool IsTurnedFor((int Width, int Height)? annotated)
    {
        if (annotated is not { } size || size == Seen)
            return Orientation > 1;
        return size == Stored ? false : throw new InvalidDataException(
            $"it is {Seen.Width} x {Seen.Height} pixels{(SizeTells ? $" ({Width} x {Height} as stored)" : "")}, but its annotations are for {size.Width} x {size.Height}. Annotate the pictures at their own size, or scale both.");
    }

    /// <summary>The header of a PNG or JPEG; null for any other format, and for a JPEG whose header is not well formed.</summary>
    /// <param name="stream">The file from its beginning; can seek, and stands at its beginning again afterwards.</param>
    public static ImageHeader? Read(Stream stream)
    {
        stream.Position = 0;
        Span<byte> head = stackalloc byte[24];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        ImageHeader? header = read == head.Length && head.StartsWith(PngFormat.Signature)
            ? new(BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..]))
            : head is [0xFF, 0xD8, ..] ? ReadJpeg(stream) : null;
        stream.Position = 0;
        return header;
    }

    /// <summary>The pixels turned as the orientation says: four bytes each, row by row. The caller disposes it.</summary>
    public SKBitmap Turn(SKBitmap stored)
    {
        var turned = new SKBitmap(new SKImageInfo(Seen.Width, Seen.Height, stored.ColorType, stored.AlphaType));
        int last = Width * Height - 1, bottom = last - Width + 1;
        // Where the first pixel comes from, and how far from it lie the next one right of it and the next one below.
        (int start, int right, int down) = Orientation switch
        {
            2 => (Width - 1, -1, Width),
            3 => (last, -1, -Width),
            4 => (bottom, 1, -Width),
            5 => (0, Width, 1),
            6 => (bottom, -Width, 1),
            7 => (last, -Width, -1),
            8 => (Width - 1, Width, -1),
            _ => (0, 1, Width),
        };
        unsafe
        {
            var from = new ReadOnlySpan<uint>((void*)stored.GetPixels(), last + 1);
            var to = new Span<uint>((void*)turned.GetPixels(), last + 1);
            for (int y = 0, at = 0; y < Seen.Height; y++)
                for (int x = 0, place = start + y * down; x < Seen.Width; x++, place += right)
                    to[at++] = from[place];
        }
        return turned;
    }

    // Segments of a marker and a length, until the one that begins a frame (ITU-T T.81, annex B). Markers without a length
    // (B.1.1.3) have no place before it: a decoder that skips two bytes where this skips a length would find another frame.
    private static ImageHeader? ReadJpeg(Stream stream)
    {
        Span<byte> segment = stackalloc byte[9];
        int? orientation = null;
        long at = 2;
        for (int steps = 0; steps < MostJpegSteps; steps++)
        {
            stream.Position = at;
            if (stream.ReadAtLeast(segment, segment.Length, throwOnEndOfStream: false) < segment.Length || segment[0] != 0xFF)
                return null;
            if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return new(BinaryPrimitives.ReadUInt16BigEndian(segment[7..]), BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), orientation ?? 1);
            int length = BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
            if (segment[1] is 0x00 or 0x01 or (>= 0xD0 and <= 0xDA) || (segment[1] != 0xFF && length < 2))
                return null;
            if (orientation is null && segment[1] == 0xE1 && segment[4..].StartsWith("Exif\0"u8))
            {
                byte[] exif = new byte[length - 2];
                stream.Position = at + 4;
                orientation = ReadOrientation(exif.AsSpan(0, stream.ReadAtLeast(exif, exif.Length, throwOnEndOfStream: false)));
            }
            at += segment[1] == 0xFF ? 1 : 2 + length;
        }
        return null;
    }

    // "Exif", two zeros and a TIFF file: byte order, 42, the place of its first directory; entries of 12 bytes (TIFF 6.0, section 2).
    private static int ReadOrientation(ReadOnlySpan<byte> exif)
    {
        ReadOnlySpan<byte> tiff = exif.Length > 6 ? exif[6..] : [];
        if (tiff.Length < 14 || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8)))
            return 1;
        bool isLittle = tiff[0] == 'I';
        uint directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
            return 1;
        int entries = Short(tiff, (int)directory);
        for (int i = 0, at = (int)directory + 2; i < entries && at <= tiff.Length - 12; i++, at += 12)
            if (Short(tiff, at) == OrientationTag)
                return Short(tiff, at + 8) is >= 1 and <= 8 and var found ? found : 1;
        return 1;

        int Short(ReadOnlySpan<byte> bytes, int place) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[place..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[place..]);
    }
}
