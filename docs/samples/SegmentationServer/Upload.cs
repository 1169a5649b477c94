using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;

namespace SegmentationServer;

/// <summary>An image and what is asked for in it.</summary>
public sealed record Upload(MLImage Image, string Query) : IDisposable
{
    // Encoders write about ten. A scan may be a few bytes long and still have the decoder go over all pixels.
    private const int MostScans = 100;

    /// <summary>Decodes a form's image. Type and size are checked on its header, before anything is decoded.</summary>
    /// <exception cref="RefusedException">It is not what the limits allow.</exception>
    public static Upload Decode(ReceivedForm form, ServerLimits limits)
    {
        using var stream = new MemoryStream(form.File);
        if (RgbImage.SizeFromHeader(stream) is not (int width, int height))
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "The file is neither a PNG nor a JPEG, whatever its name says.");
        if (width < 1 || height < 1 || (long)width * height > limits.Pixels)
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"The image has {width} x {height} pixels; at most {limits.Pixels} are answered. Make it smaller.");
        if (ScansOfJpeg(form.File) is > MostScans and int scans)
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, $"The JPEG is in {scans} scans; at most {MostScans} are decoded. Save it again.");
        RgbImage image = Decode(stream);
        return (image.Width, image.Height) == (width, height) ? new(image.ToMLImage(), form.Query) : throw Damaged();
    }

    public void Dispose() => Image.Dispose();

    // Markers that begin a scan (ITU-T T.81, annex B). Between them an FF is always followed by something else.
    private static int ScansOfJpeg(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, ..] ? file.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]) : 0;

    private static RgbImage Decode(MemoryStream stream)
    {
        try
        {
            return RgbImage.Load(stream);
        }
        catch (InvalidDataException error)
        {
            throw Damaged(error);
        }
    }

    private static RefusedException Damaged(Exception? error = null) =>
        new(StatusCodes.Status422UnprocessableEntity, "The image is damaged: it cannot be decoded.", error);
}
