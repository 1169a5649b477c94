using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Runtime;

/// <summary>A channel that hands every message on at once.</summary>
internal sealed class Channel : IChannel
{
    private readonly Host _host;
    private readonly string _source;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _disposed;

    public Channel(Host host, string source)
    {
        (_host, _source) = (host, source);
        Trace(MessageSensitivity.None, "Channel started");
    }

    public string ContextDescription => _host.ContextDescription;

    public TException Process<TException>(TException ex) where TException : Exception => _host.Process(ex);

    public void Send(ChannelMessage msg) => _host.Log(msg.Kind, _source, msg.Message);

    public void Trace(MessageSensitivity sensitivity, string fmt) => Write(ChannelMessageKind.Trace, sensitivity, fmt);

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Write(ChannelMessageKind.Trace, sensitivity, fmt, args);

    public void Info(MessageSensitivity sensitivity, string fmt) => Write(ChannelMessageKind.Info, sensitivity, fmt);

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Write(ChannelMessageKind.Info, sensitivity, fmt, args);

    public void Warning(MessageSensitivity sensitivity, string fmt) => Write(ChannelMessageKind.Warning, sensitivity, fmt);

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Write(ChannelMessageKind.Warning, sensitivity, fmt, args);

    public void Error(MessageSensitivity sensitivity, string fmt) => Write(ChannelMessageKind.Error, sensitivity, fmt);

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Write(ChannelMessageKind.Error, sensitivity, fmt, args);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _clock.Elapsed);
        Trace(MessageSensitivity.None, "Channel disposed");
    }

    private void Write(ChannelMessageKind kind, MessageSensitivity sensitivity, string message) =>
        Send(new ChannelMessage(kind, sensitivity, message));

    private void Write(ChannelMessageKind kind, MessageSensitivity sensitivity, string format, object[] arguments) =>
        Write(kind, sensitivity, string.Format(CultureInfo.InvariantCulture, format, arguments));
}
