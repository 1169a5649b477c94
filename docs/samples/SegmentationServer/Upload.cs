using Microsoft.AspNetCore.Http.Features;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;

namespace SegmentationServer;

/// <summary>An uploaded image and what is asked for in it: the fields <c>image</c> and <c>query</c> of a form.</summary>
public sealed record Upload(MLImage Image, string Query) : IDisposable
{
    /// <summary>Reads a form. Type and size of the image are checked on its header, before anything is decoded.</summary>
    /// <exception cref="RefusedException">It is not what the limits allow.</exception>
    public static async Task<Upload> Read(HttpRequest request, ServerLimits limits, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, $"The request is of type '{request.ContentType}'; send a form (multipart/form-data) with the fields image and query.");
        IFormCollection form = await ReadForm(request, limits, cancellation);
        string query = form["query"].ToString().Trim();
        if (query.Length == 0 || query.Length > limits.QueryLength)
            throw new RefusedException(StatusCodes.Status400BadRequest, $"The field query has {query.Length} characters; expected 1 to {limits.QueryLength}, such as 'dog'.");
        if (form.Files.GetFile("image") is not { Length: > 0 } file)
            throw new RefusedException(StatusCodes.Status400BadRequest, "The field image has no file; send one PNG or JPEG.");
        if (file.Length > limits.FileBytes)
            throw TooLarge(limits);
        using Stream stream = file.OpenReadStream();
        return new(Decode(stream, limits), query);
    }

    public void Dispose() => Image.Dispose();

    private static async Task<IFormCollection> ReadForm(HttpRequest request, ServerLimits limits, CancellationToken cancellation)
    {
        try
        {
            // The form's own cancellation would hang up without an answer.
            return await request.ReadFormAsync(new FormOptions
            {
                MultipartBodyLengthLimit = limits.FileBytes,
                MemoryBufferThreshold = limits.FileBytes, // nothing of a caller's picture is written to disk
                ValueCountLimit = 8,
            }, CancellationToken.None).WaitAsync(cancellation);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(limits);
        }
        catch (InvalidDataException error) when (error.Message.Contains("length limit", StringComparison.OrdinalIgnoreCase))
        {
            throw TooLarge(limits);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, $"The form cannot be read: {error.Message}");
        }
    }

    private static MLImage Decode(Stream stream, ServerLimits limits)
    {
        if (RgbImage.SizeFromHeader(stream) is not (int width, int height))
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "The file is neither a PNG nor a JPEG, whatever its name says.");
        if (width < 1 || height < 1 || (long)width * height > limits.Pixels)
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"The image has {width} x {height} pixels; at most {limits.Pixels} are answered. Make it smaller.");
        try
        {
            return MLImage.CreateFromStream(stream);
        }
        // The decoders below ML.NET throw exceptions of many kinds; all of them mean that the file is damaged.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, "The image is damaged: it cannot be decoded.", error);
        }
    }

    private static RefusedException TooLarge(ServerLimits limits) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The file is larger than {limits.FileBytes} bytes. Make it smaller.");
}

/// <summary>A request that is answered with an error of HTTP and a sentence that says what to do.</summary>
public sealed class RefusedException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Status { get; } = status;
}
