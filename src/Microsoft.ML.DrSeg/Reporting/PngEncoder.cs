using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>
/// PNG bytes of an image in memory, which ML.NET's images can only be saved to a file: 8-bit RGB, rows Paeth-filtered
/// (W3C PNG specification, third edition, sections 5 and 9).
/// </summary>
internal static class PngEncoder
{
    private const int Channels = 3;
    private const byte PaethFilter = 4;

    public static byte[] Encode(RgbImage image)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = 8; // bits a channel
        header[9] = 2; // colour without alpha

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Compress(image));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static byte[] Compress(RgbImage image)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var stride = Channels * image.Width;
            var filtered = new byte[stride];
            ReadOnlySpan<byte> above = new byte[stride];
            for (var y = 0; y < image.Height; y++)
            {
                var row = image.Pixels.AsSpan(y * stride, stride);
                for (var i = 0; i < stride; i++)
                {
                    var (left, corner) = i < Channels ? (0, 0) : (row[i - Channels], above[i - Channels]);
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
    private static int Paeth(int left, int above, int corner)
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
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(data, Crc32.Of(type)));
        png.Write(number);
    }
}
