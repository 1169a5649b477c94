using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>Encoded image files to BGRA bytes and back, through the native library over OpenCV's imgcodecs.</summary>
internal static unsafe partial class ImageCodec
{
    private const string Library = "mlimage_standin";

    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".webp"];

    // imgcodecs brings BLAS and OpenMP into the process: what prepares them for libtorch has to come first, where it is present.
    static ImageCodec() => NativeLibrary.TryLoad("torchsharp_preload", typeof(ImageCodec).Assembly, null, out _);

    /// <param name="file">The whole encoded file.</param>
    /// <param name="source">What the file is called in an error.</param>
    /// <exception cref="InvalidOperationException">The bytes are no image, or not all of one.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> file, string source, out int width, out int height)
    {
        if (file.IsEmpty)
            throw new InvalidOperationException($"Cannot decode {source}: it is empty. Expected a PNG, JPEG or WebP image.");
        // libjpeg fills what is missing with grey and calls it a success.
        if (JpegEnd.IsMissing(file))
            throw new InvalidOperationException($"Cannot decode {source}: the JPEG data end before their end marker ({file.Length} bytes). The file is truncated; fetch or write it again.");

        byte* pixels;
        int failed;
        fixed (byte* bytes = file)
            failed = mlimage_decode(bytes, file.Length, &pixels, out width, out height);
        if (failed != 0)
            throw new InvalidOperationException($"Cannot decode {source} ({file.Length} bytes): {LastError()}. Expected a whole PNG, JPEG or WebP image.");
        try
        {
            return new ReadOnlySpan<byte>(pixels, checked(width * height * 4)).ToArray();
        }
        finally
        {
            mlimage_free(pixels);
        }
    }

    /// <param name="extension">The file name's extension, which chooses the format.</param>
    /// <exception cref="ArgumentException">No format has this extension.</exception>
    public static byte[] Encode(string extension, ReadOnlySpan<byte> bgra, int width, int height)
    {
        extension = extension.ToLowerInvariant();
        if (!_extensions.Contains(extension))
            throw new ArgumentException($"Cannot save an image with the extension '{extension}'. Use one of {string.Join(", ", _extensions)}.", nameof(extension));

        byte* file;
        long length;
        int failed;
        fixed (byte* pixels = bgra)
            failed = mlimage_encode(extension, pixels, width, height, &file, out length);
        if (failed != 0)
            throw new InvalidOperationException($"Cannot encode an image of {width} x {height} pixels as {extension}: {LastError()}.");
        try
        {
            return new ReadOnlySpan<byte>(file, checked((int)length)).ToArray();
        }
        finally
        {
            mlimage_free(file);
        }
    }

    private static string LastError() => Marshal.PtrToStringUTF8((nint)mlimage_last_error());

    [LibraryImport(Library)]
    private static partial byte* mlimage_last_error();

    [LibraryImport(Library)]
    private static partial void mlimage_free(byte* buffer);

    [LibraryImport(Library)]
    private static partial int mlimage_decode(byte* file, int length, byte** bgra, out int width, out int height);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mlimage_encode(string extension, byte* bgra, int width, int height, byte** file, out long length);
}
