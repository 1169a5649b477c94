using System.Buffers.Binary;
using System.IO.Compression;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>PNG files byte by byte, written apart from the library's own encoder.</summary>
internal static class TestPng
{
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bitDepth">Bits a number.</param>
    /// <param name="colourType">0 grey, 2 colours, 3 palette, 4 and 6 with alpha.</param>
    /// <param name="filteredRows">Each row: the filter's number, then the filtered bytes.</param>
    /// <param name="interlace">0 or 1.</param>
    /// <param name="palette">Three bytes a colour; null for 256 times black.</param>
    /// <param name="transparency">Alpha of the palette's colours; null for none.</param>
    public static byte[] Encode(int width, int height, byte bitDepth, byte colourType, byte[] filteredRows, byte interlace = 0, byte[]? palette = null, byte[]? transparency = null)
    {
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        (header[8], header[9], header[12]) = (bitDepth, colourType, interlace);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(filteredRows);
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n']);
        WriteChunk(file, "IHDR"u8, header);
        if (colourType == 3)
            WriteChunk(file, "PLTE"u8, palette ?? new byte[768]);
        if (transparency is not null)
            WriteChunk(file, "tRNS"u8, transparency);
        WriteChunk(file, "IDAT"u8, packed.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] checkedPart = [.. type, .. data];
        uint crc = uint.MaxValue;
        foreach (byte value in checkedPart)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
        }
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(checkedPart);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        file.Write(number);
    }
}
