using Microsoft.AspNetCore.Http.Features;

namespace SegmentationServer;

/// <summary>The fields <c>image</c> and <c>query</c> of a form, the file not looked into yet.</summary>
public sealed record ReceivedForm(byte[] File, string Query)
{
    /// <summary>Reads the form of a request.</summary>
    /// <exception cref="RefusedException">It is not what the limits allow.</exception>
    public static async Task<ReceivedForm> Read(HttpRequest request, ServerLimits limits, CancellationToken cancellation)
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
        // A copy, since the form's own bytes end with the request, and the work may outlast it.
        byte[] bytes = new byte[file.Length];
        using Stream stream = file.OpenReadStream();
        stream.ReadExactly(bytes);
        return new(bytes, query);
    }

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
        // Headers, names and values have limits too, and their messages the same words further on.
        catch (InvalidDataException error) when (error.Message.StartsWith("Multipart body length limit", StringComparison.Ordinal))
        {
            throw TooLarge(limits);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, $"The form cannot be read: {error.Message}");
        }
    }

    private static RefusedException TooLarge(ServerLimits limits) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The file is larger than {limits.FileBytes} bytes. Make it smaller.");
}
