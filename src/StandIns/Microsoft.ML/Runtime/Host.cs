namespace Microsoft.ML.Runtime;

/// <summary>A named part of an environment. The environment itself is the host without a name.</summary>
internal sealed class Host : IHost
{
    private readonly string _name;
    private readonly Action<LoggingEventArgs> _log;

    public Host(string name, Random random, Action<LoggingEventArgs> log)
    {
        (_name, Rand, _log) = (name, random, log);
    }

    public Random Rand { get; }

    public string ContextDescription => "HostEnvironment";

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Host(name, new Random(seed ?? NextSeed()), _log);
    }

    public IChannel Start(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Channel(this, _name == null ? name : $"{_name}; {name}");
    }

    public TException Process<TException>(TException ex) where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(ex);
        ex.Data["Exception context"] = ContextDescription;
        return ex;
    }

    public void Log(ChannelMessageKind kind, string source, string message) => _log(new LoggingEventArgs(message, kind, source));

    /// <summary>A seed for something that was given none: the same sequence for the same environment seed.</summary>
    public int NextSeed()
    {
        lock (Rand)
            return Rand.Next();
    }
}
