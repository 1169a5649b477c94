using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>
/// Decodes PNGs whose pixels are numbers and not colours. Image decoders turn palettes into colours and cut 16 bits down to
/// 8, which loses the labels; this one keeps them (W3C PNG specification, third edition, sections 7 to 11).
/// </summary>
internal static class PngLabelDecoder
{
    // Deflate cannot pack tighter (one bit for 258 bytes at 2 bits of overhead): a smaller file is cut off or a lie.
    private const int LargestRatio = 1032;

    // A gigabyte of labels: a small file can claim far more.
    private const int MostPixels = 1 << 28;

    public static LabelMap Decode(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (!bytes.StartsWith(PngFormat.Signature))
            throw new InvalidDataException("it does not begin like a PNG. Masks and label maps must be PNGs: other formats change labels.");
        var data = new List<ReadOnlyMemory<byte>>();
        int[]? palette = null;
        (int Width, int Height, PngFormat Format)? header = null;
        for (int at = PngFormat.Signature.Length; ;)
        {
            if (bytes.Length - at < 12 || BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) is var length && length > bytes.Length - at - 12)
                throw new InvalidDataException($"it is cut off at byte {bytes.Length}.");
            var type = bytes.Slice(at + 4, 4);
            var content = file.Slice(at + 8, (int)length);
            if (BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]) != Crc32.HashToUInt32(bytes.Slice(at + 4, 4 + (int)length)))
                throw new InvalidDataException($"the checksum of the chunk at byte {at} is wrong: the file is damaged.");
            if (header is null)
                header = type.SequenceEqual("IHDR"u8) ? ReadHeader(content.Span) : throw new InvalidDataException("its first chunk is no header.");
            else if (type.SequenceEqual("IDAT"u8))
                data.Add(content);
            else if (type.SequenceEqual("PLTE"u8) && header.Value.Format.Colour == PngColour.Palette)
                palette = ReadPalette(content.Span);
            else if (type.SequenceEqual("tRNS"u8) && palette is not null)
                for (int i = 0; i < Math.Min(palette.Length, content.Length); i++)
                    palette[i] = content.Span[i] == 0 ? 0 : palette[i];
            else if (type.SequenceEqual("IEND"u8))
                break;
            at += 12 + (int)length;
        }
        return ReadLabels(header.Value.Width, header.Value.Height, header.Value.Format, data, palette);
    }

    private static int[] ReadPalette(ReadOnlySpan<byte> colours)
    {
        int[] palette = new int[colours.Length / 3];
        for (int i = 0; i < palette.Length; i++)
            palette[i] = Colour(colours[(3 * i)..]);
        return palette;
    }

    private static int Colour(ReadOnlySpan<byte> pixel) => pixel[0] | pixel[1] << 8 | pixel[2] << 16;

    private static (int, int, PngFormat) ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13)
            throw new InvalidDataException($"its header has {header.Length} bytes, not 13.");
        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        var format = new PngFormat((PngColour)header[9], header[8]);
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
            throw new InvalidDataException($"its size of {width} x {height} pixels is not 1 x 1 to {MostPixels} pixels.");
        if (!format.IsValid || header[10] != 0 || header[11] != 0)
            throw new InvalidDataException($"its colour type {header[9]} with {header[8]} bits is none of the PNG specification.");
        if (header[12] != 0)
            throw new InvalidDataException("it is interlaced. Save it without interlacing.");
        if (format is { BitDepth: 16, Colour: not PngColour.Grey })
            throw new InvalidDataException("it has 16 bits a colour, which stand for no label. Labels are grey values, palette places, or colours of 8 bits.");
        return (width, height, format);
    }

    private static LabelMap ReadLabels(int width, int height, PngFormat format, List<ReadOnlyMemory<byte>> data, int[]? palette)
    {
        int stride = format.Stride(width);
        if ((long)stride * height > LargestRatio * data.Sum(part => (long)part.Length))
            throw new InvalidDataException($"its {data.Sum(part => (long)part.Length)} bytes of pixels cannot hold {width} x {height} pixels.");
        var labels = new int[width * height];
        byte[] row = new byte[stride], above = new byte[stride];
        using var inflate = new ZLibStream(new MemoryStream(Join(data), writable: false), CompressionMode.Decompress);
        for (int y = 0; y < height; y++)
        {
            try
            {
                int filter = inflate.ReadByte();
                inflate.ReadExactly(row);
                Unfilter(filter, row, above, format.FilterDistance);
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                throw new InvalidDataException($"row {y} of its {height} rows cannot be unpacked: {error.Message}", error);
            }
            Unpack(row, format, labels.AsSpan(y * width, width));
            (row, above) = (above, row);
        }
        return new(width, height, labels) { Palette = palette, AreColours = format.Colour is PngColour.Rgb or PngColour.RgbAlpha };
    }

    private static byte[] Join(List<ReadOnlyMemory<byte>> parts)
    {
        byte[] whole = new byte[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.CopyTo(whole.AsMemory(at));
            at += part.Length;
        }
        return whole;
    }

    // Section 9: each byte was stored as its difference to a guess from the bytes left of it and above.
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        if (filter is < 0 or > 4)
            throw new InvalidDataException($"its filter {filter} is none of the PNG specification.");
        for (int i = 0; i < row.Length; i++)
        {
            byte left = i < distance ? (byte)0 : row[i - distance], corner = i < distance ? (byte)0 : above[i - distance];
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => PngLabelEncoder.Paeth(left, above[i], corner),
                _ => 0,
            });
        }
    }

    private static void Unpack(ReadOnlySpan<byte> row, PngFormat format, Span<int> labels)
    {
        int channels = format.Channels, bits = format.BitDepth;
        for (int x = 0; x < labels.Length; x++)
            labels[x] = format switch
            {
                // What is wholly transparent is nothing, whatever colour was left under it.
                { Colour: PngColour.RgbAlpha or PngColour.GreyAlpha } when row[channels * x + channels - 1] == 0 => 0,
                { Colour: PngColour.Rgb or PngColour.RgbAlpha } => Colour(row[(channels * x)..]),
                { BitDepth: 16 } => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * x)..]),
                { BitDepth: 8 } => row[channels * x],
                _ => row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1),
            };
    }
}
