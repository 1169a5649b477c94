namespace Microsoft.ML.Data;

/// <summary>An image in memory: four bytes a pixel, rows from top to bottom, alpha straight (not multiplied in).</summary>
public sealed class MLImage : IDisposable
{
    private const int BytesPerPixel = 4;

    private readonly MLPixelFormat _pixelFormat;
    private readonly int _width, _height;
    private byte[] _pixels;

    private MLImage(int width, int height, MLPixelFormat pixelFormat, byte[] pixels)
    {
        (_width, _height, _pixelFormat, _pixels) = (width, height, pixelFormat, pixels);
    }

    /// <summary>Reads the stream to its end and decodes it.</summary>
    /// <exception cref="InvalidOperationException">The bytes are no image, or not all of one.</exception>
    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        using var buffer = new MemoryStream();
        imageStream.CopyTo(buffer);
        return Decode(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), imageStream is FileStream file ? $"'{file.Name}'" : "the image stream");
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidOperationException">The file holds no image, or not all of one.</exception>
    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(imagePath);
        if (!File.Exists(imagePath))
            throw new FileNotFoundException($"The image file '{imagePath}' does not exist (looked for at '{Path.GetFullPath(imagePath)}').", imagePath);
        return Decode(File.ReadAllBytes(imagePath), $"'{imagePath}'");
    }

    /// <param name="imagePixelData">Exactly width * height * 4 bytes; they are copied.</param>
    public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (width <= 0 || height <= 0)
            throw new ArgumentException($"An image has at least one pixel, not {width} x {height}.", width <= 0 ? nameof(width) : nameof(height));
        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
            throw new ArgumentException($"Unsupported pixel format {pixelFormat}. Use {MLPixelFormat.Bgra32} or {MLPixelFormat.Rgba32}.", nameof(pixelFormat));
        if (imagePixelData.Length != (long)width * height * BytesPerPixel)
            throw new ArgumentException($"{width} x {height} pixels are {(long)width * height * BytesPerPixel} bytes, but {imagePixelData.Length} were given.", nameof(imagePixelData));
        return new MLImage(width, height, pixelFormat, imagePixelData.ToArray());
    }

    public ReadOnlySpan<byte> Pixels => Live;

    public MLPixelFormat PixelFormat
    {
        get
        {
            _ = Live;
            return _pixelFormat;
        }
    }

    public string Tag { get; set; }

    public int Width
    {
        get
        {
            _ = Live;
            return _width;
        }
    }

    public int Height
    {
        get
        {
            _ = Live;
            return _height;
        }
    }

    public int BitsPerPixel
    {
        get
        {
            _ = Live;
            return BytesPerPixel * 8;
        }
    }

    /// <summary>A copy of the pixels without alpha: blue, green, red.</summary>
    public byte[] GetBGRPixels
    {
        get
        {
            byte[] pixels = Live;
            var bgr = new byte[pixels.Length / BytesPerPixel * 3];
            int first = _pixelFormat == MLPixelFormat.Bgra32 ? 0 : 2;
            for (int from = 0, to = 0; from < pixels.Length; from += BytesPerPixel, to += 3)
            {
                bgr[to] = pixels[from + first];
                bgr[to + 1] = pixels[from + 1];
                bgr[to + 2] = pixels[from + 2 - first];
            }

            return bgr;
        }
    }

    /// <summary>Writes a PNG, JPEG or WebP file; the extension decides. A failed write leaves no file behind.</summary>
    public void Save(string imagePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(imagePath);
        byte[] file = ImageCodec.Encode(Path.GetExtension(imagePath), ToBgra(), _width, _height);
        string partial = imagePath + ".partial";
        try
        {
            File.WriteAllBytes(partial, file);
            File.Move(partial, imagePath, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    public void Dispose() => _pixels = null;

    /// <summary>The pixels in BGRA order: the image's own bytes where they are in that order already.</summary>
    internal ReadOnlySpan<byte> ToBgra()
    {
        byte[] pixels = Live;
        if (_pixelFormat == MLPixelFormat.Bgra32)
            return pixels;
        var bgra = (byte[])pixels.Clone();
        for (int i = 0; i < bgra.Length; i += BytesPerPixel)
            (bgra[i], bgra[i + 2]) = (bgra[i + 2], bgra[i]);
        return bgra;
    }

    private byte[] Live => _pixels ?? throw new InvalidOperationException("The image has been disposed.");

    private static MLImage Decode(ReadOnlySpan<byte> file, string source)
    {
        byte[] bgra = ImageCodec.Decode(file, source, out int width, out int height);
        return new MLImage(width, height, MLPixelFormat.Bgra32, bgra);
    }
}
