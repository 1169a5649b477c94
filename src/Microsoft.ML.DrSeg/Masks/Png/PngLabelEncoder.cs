using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>
/// Encodes PNGs whose pixels are numbers and not colours: SkiaSharp writes no pixels of one bit, with which a mask's file is
/// little more than half as large. Rows are Paeth-filtered (W3C PNG specification, third edition, sections 5 and 9).
/// </summary>
internal static class PngLabelEncoder
{
    private const byte PaethFilter = 4;

    /// <param name="rows">Row by row from the top; each begins at a byte of its own.</param>
    public static byte[] Encode(ReadOnlySpan<byte> rows, int width, int height, PngFormat format)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)format.BitDepth;
        header[9] = (byte)format.Colour;

        using var png = new MemoryStream();
        png.Write(PngFormat.Signature);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Compress(rows, format.Stride(width), format.FilterDistance));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> rows, int stride, int distance)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var filtered = new byte[stride];
            ReadOnlySpan<byte> above = new byte[stride];
            for (; rows.Length > 0; rows = rows[stride..])
            {
                var row = rows[..stride];
                for (var i = 0; i < stride; i++)
                {
                    var (left, corner) = i < distance ? (0, 0) : (row[i - distance], above[i - distance]);
                    filtered[i] = (byte)(row[i] - Paeth(left, above[i], corner));
                }
                deflate.WriteByte(PaethFilter);
                deflate.Write(filtered);
                above = row;
            }
        }
        return compressed.ToArray();
    }

    /// <summary>Whichever of the three neighbours is closest to left + above - corner.</summary>
    public static int Paeth(int left, int above, int corner)
    {
        var estimate = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        png.Write(number);
    }
}
