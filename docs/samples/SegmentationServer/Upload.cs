using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;

namespace SegmentationServer;

/// <summary>An image and what is asked for in it.</summary>
public sealed record Upload(MLImage Image, string Query) : IDisposable
{
    /// <summary>Decodes a form's image. Type and size are checked on its header, before anything is decoded.</summary>
    /// <exception cref="RefusedException">It is not what the limits allow.</exception>
    public static Upload Decode(ReceivedForm form, ServerLimits limits)
    {
        using var stream = new MemoryStream(form.File);
        if (RgbImage.SizeFromHeader(stream) is not (int width, int height))
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "The file is neither a PNG nor a JPEG, whatever its name says.");
        if (width < 1 || height < 1 || (long)width * height > limits.Pixels)
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"The image has {width} x {height} pixels; at most {limits.Pixels} are answered. Make it smaller.");
        MLImage image = Decode(stream);
        if ((image.Width, image.Height) == (width, height))
            return new(image, form.Query);
        image.Dispose();
        throw Damaged();
    }

    public void Dispose() => Image.Dispose();

    private static MLImage Decode(MemoryStream stream)
    {
        try
        {
            return MLImage.CreateFromStream(stream);
        }
        // The decoders below ML.NET throw exceptions of many kinds; all of them mean that the file is damaged.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Damaged(error);
        }
    }

    private static RefusedException Damaged(Exception? error = null) =>
        new(StatusCodes.Status422UnprocessableEntity, "The image is damaged: it cannot be decoded.", error);
}
