namespace SegmentationServer;

/// <summary>A request that is answered with an error of HTTP and a sentence that says what to do.</summary>
public sealed class RefusedException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Status { get; } = status;
}
