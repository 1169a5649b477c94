using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A message that reached the log.</summary>
public class LoggingEventArgs : EventArgs
{
    public LoggingEventArgs(string message, ChannelMessageKind kind, string source)
    {
        (RawMessage, Kind, Source) = (message, kind, source);
        Message = $"[Source={source}, Kind={kind}] {message}";
    }

    /// <summary>The message with its source and kind.</summary>
    public string Message { get; }

    /// <summary>The component and the channel: "Component; Channel".</summary>
    public string Source { get; }

    public ChannelMessageKind Kind { get; }

    public string RawMessage { get; }
}
